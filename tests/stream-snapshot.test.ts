import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@stoa/testing";
import { signUp } from "./client.ts";
import { random } from "./random.ts";
import { type OpenReader, SnapshotClient, snapshot } from "./snapshot-client.ts";
import { commandsOf } from "./snapshot-commands.ts";
import { startDistributed } from "./topologies/compose.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

const START_MS = 60_000;

/** What carries the events. */
const carriers: readonly (readonly [string, OpenReader])[] = [
  ["Server-Sent Events", (person, after) => person.stream(after)],
  ["a WebSocket", (person, after) => person.socket(after)],
];

describe.each([
  ["standalone", () => startStandalone(), 4, 150],
  ["distributed", () => startDistributed(), 2, 80],
] as const)("%s", (_, start, rounds, commands) => {
  let topology: Topology;
  beforeAll(async () => {
    topology = await start();
  }, START_MS);
  afterAll(() => topology?.stop(), START_MS);

  test.each(carriers)(
    "a snapshot and the events after it are the later snapshot, for random commands and cuts: %s",
    async (_name, open) => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const chance = random(seed);
      const base = topology.gatewayUrl;
      const [owner, reader, third] = [
        await signUp(base, "owner"),
        await signUp(base, "reader"),
        await signUp(base, "third"),
      ];
      const project = async (name: string) =>
        (await owner.must<{ id: string }>(201, "POST", "/api/v1/projects", { name })).id;
      const projects = [await project("First"), await project("Second"), await project("Third")] as const;
      const [first] = projects;
      const developer = { user_id: reader.id, role: "developer" };
      await owner.must(201, "POST", `/api/v1/projects/${first}/users`, developer);
      const group = await eventually(async () => {
        const participant_ids = [reader.id, third.id];
        const answer = await owner.post("/api/v1/conversations", { type: "group", title: "Weir", participant_ids });
        return answer.status === 201 ? String(answer.body["id"]) : undefined;
      });
      const command = commandsOf({ owner, reader, third, projects, group, random: chance });
      const client = new SnapshotClient(reader, group, open);
      for (let n = 0; n < 20; n++) await command();
      await client.connect();
      for (let round = 0; round < rounds; round++) {
        for (let n = 0; n < commands; n++) {
          await command();
          if (chance.below(4) === 0) await client.apply();
          if (chance.below(12) === 0) await client.connect();
        }
        // What comes last on either feed has come.
        const last = `last of round ${round}`;
        await owner.must(201, "POST", "/api/v1/tasks", { title: last, project_id: first });
        await eventually(async () => {
          await client.apply();
          return client.heard.has(last);
        });
        const wanted = sorted(await snapshot(reader, group));
        // A message, or a read mark that rests, may be on its way.
        await eventually(
          async () => {
            await client.apply();
            return Bun.deepEquals(sorted(client.state), wanted);
          },
          { what: `agreement, seed ${seed}` },
        ).catch(() => expect({ seed, ...sorted(client.state) }).toEqual({ seed, ...wanted }));
      }
      expect(client.applied).toBeGreaterThan(10);
      client.cut();
    },
    120_000,
  );
});

/** Everything by id, in the order of ids. */
function sorted(all: Awaited<ReturnType<typeof snapshot>>) {
  const { projects, tasks, people, messages } = all;
  const byId = (map: ReadonlyMap<string, unknown>) =>
    Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { projects: byId(projects), tasks: byId(tasks), people: byId(people), messages: byId(messages) };
}
