import { expect, test } from "bun:test";
import { memoryRevocations } from "@stoa/auth";
import { Standstills } from "@stoa/bus";
import { newId, sql } from "@stoa/db";
import { DamagedEvent, lastSeq } from "@stoa/journal";
import { damage, damageKinds, eventually, kindsOfDamage, silent } from "@stoa/testing";
import { listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { openDirect, sendMessage } from "../test/without-key.ts";
import { createWorld, type World } from "../test/world.ts";
import { Damage } from "./damage.ts";
import { feedsOf } from "./feeds/feeds.ts";
import { createHub } from "./hub.ts";

const now = () => new Date();

async function talking(world: World) {
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const say = (content: string) => sendMessage(world.deps, ann, conversation.id, { content });
  return { ann, bob, say };
}

test.each(kindsOfDamage)(
  "%s: who would come to the row begins anew, new messages arrive, health says so, and it is over once it is repaired",
  async (kind) => {
    await using world = await createWorld();
    const { bob, say } = await talking(world);
    const standstills = new Standstills(silent);
    const standstill = standstills.of("streams", "the streams of messaging");
    await using service = await serve(world, { streams: { standstill, lookMs: 20 } });
    using first = await listen(service, bob);
    await first.until(({ event }) => event === "ready");
    await say("One");
    await first.until(({ data }) => data["content"] === "One");
    const before = first.last();
    first.cut();
    await eventually(() => service.streams.hub.size === 0);
    await say("Two");
    const repair = await damage(world.db, await lastSeq(world.db), kind === "no row" ? "no JSON" : kind);
    await say("Three");

    // Its catching up comes to the row: it is told to come again, and then to begin anew.
    using cut = await listen(service, bob, { after: before });
    await eventually(() => standstills.reasons().length === 1);
    cut.cut();
    using anew = await listen(service, bob, { after: before });
    await anew.until(({ event }) => event === "reset");
    await say("Four");
    await anew.until(({ data }) => data["content"] === "Four");
    const [reason] = standstills.reasons();
    expect(reason?.part).toBe("streams");
    expect(reason?.reason).toContain(damageKinds[kind === "no row" ? "no JSON" : kind].says);

    await repair();
    await eventually(() => standstills.reasons().length === 0);
    using again = await listen(service, bob, { after: before });
    await again.until(({ data }) => data["content"] === "Four");
    expect(again.events.map(({ event }) => event)).not.toContain("reset");
    expect(again.events.flatMap(({ data }) => data["content"] ?? [])).toEqual(["Two", "Three", "Four"]);
  },
);

test("a row that is missing, or damaged before it was read, ends all streams, and they go on behind it", async () => {
  await using world = await createWorld();
  const { bob, say } = await talking(world);
  const standstills = new Standstills(silent);
  const standstill = standstills.of("streams", "the streams of messaging");
  let held = true;
  const db = { ...world.db };
  const hub = createHub({
    db: {
      ...db,
      onWrite: (listener) => db.onWrite(() => void (held || listener())),
    },
    now,
    log: silent,
    revocations: memoryRevocations({ lifetimeSeconds: 900, now }),
    pollMs: 600_000,
    standstill,
  });
  const reader = (await hub.open(bob)).getReader();
  await eventually(async () => new TextDecoder().decode((await reader.read()).value).includes("ready"));
  await say("One");
  await say("Two");
  const last = await lastSeq(world.db);
  await damage(world.db, last - 1, "no row");
  held = false;
  await say("Three");
  await eventually(() => hub.size === 0 && standstills.reasons().length === 1);
  expect(standstills.reasons()[0]?.reason).toContain(`Event ${last - 1} of messaging is missing`);
  hub.close();
});

test("a kept event of projects that is damaged is named with its cure, and streams go on behind it", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const project_id = await world.project(ann);
  const standstills = new Standstills(silent);
  const standstill = standstills.of("streams", "the streams of messaging");
  await using service = await serve(world, { streams: { standstill, lookMs: 20 } });
  using first = await listen(service, ann);
  await first.until(({ event }) => event === "ready");
  const place = first.last();
  first.cut();
  await eventually(() => service.streams.hub.size === 0);
  const rename = (title: string) =>
    world.apply("task.updated", { task_id: newId(), project_id, key: null, title, version: 2, changes: [] }, ann);
  const { sequence } = await rename("One");
  await world.db.write([sql`update work_events set data = '{' where seq = ${sequence}`]);
  using cut = await listen(service, ann, { after: place });
  await eventually(() => standstills.reasons().length === 1);
  cut.cut();
  expect(standstills.reasons()[0]?.reason).toContain(
    "cannot be read in work_events of messaging: its data is not JSON",
  );
  expect(standstills.reasons()[0]?.reason).toContain("bun run events rebuild messaging");
  using anew = await listen(service, ann, { after: place });
  await anew.until(({ event }) => event === "reset");
  await rename("Two");
  await anew.until(({ data }) => data["title"] === "Two");
  await world.db.write([sql`update work_events set data = '{"task_id":"t"}' where seq = ${sequence}`]);
  await eventually(() => standstills.reasons().length === 0);
});

test("a look that fails is logged, and the next one tries again", async () => {
  await using world = await createWorld();
  const warned: string[] = [];
  const [events] = feedsOf(world.db);
  if (!events) throw new Error("There is no feed.");
  let looks = 0;
  const isLegible = async () => {
    if (looks++ === 0) throw new Error("away");
    return true;
  };
  const log = { warn: (_: object, message: string) => void warned.push(message) };
  const found = new Damage([{ ...events, isLegible }], { log, lookMs: 5 });
  found.note(new DamagedEvent({ service: "messaging", seq: 3 }, "missing"));
  expect([2, 3].map((seq) => found.isAfter({ events: seq, marks: seq, work: 0 }))).toEqual([true, false]);
  await eventually(() => !found.isAfter({ events: 0, marks: 0, work: 0 }));
  expect(warned).toEqual(["a row that cannot be read was not looked at again"]);
});
