import { expect, test } from "bun:test";
import { eventually, startNats } from "@stoa/testing";
import { provision, rebuildServiceStream, showStatus } from "./cli.ts";
import { NatsLink } from "./nats/link.ts";
import { connectNats } from "./nats.ts";
import type { Operation } from "./operation.ts";
import { startProjector } from "./projector.ts";
import { handlers, happen, memoryLog, restore, sequences, worldDatabase } from "./test/world.ts";

test("the status compares a cursor with the stream when the source's database is elsewhere, and a stream with its journal", async () => {
  await using server = await startNats();
  await using identity = await worldDatabase();
  await using messaging = await worldDatabase();
  const log = memoryLog();
  const lines: string[] = [];
  const link = new NatsLink({ servers: server.url, name: "operator", log });
  await eventually(() => link.connected);
  const follower = { service: "messaging", db: messaging.db, handlers: handlers(), projections: [] } as const;
  const owner = { service: "identity", db: identity.db, handlers: [], projections: [] } as const;
  const common = { link, log, say: (line: string) => lines.push(line), signal: new AbortController().signal };
  const atFollower: Operation = { ...common, operated: [follower], databases: new Map([["messaging", messaging.db]]) };
  const atOwner: Operation = { ...common, operated: [owner], databases: new Map([["identity", identity.db]]) };
  const status = async (its: Operation) => {
    lines.splice(0);
    return { ok: await showStatus(its), lines: [...lines] };
  };

  await provision(atFollower, ["messaging"]);
  await happen(identity.db, 20);
  await rebuildServiceStream(atOwner, "identity");
  const transport = connectNats({ servers: server.url, name: "messaging", log });
  const projector = startProjector({ ...follower, source: transport.source("identity"), log });
  await eventually(async () => (await sequences(messaging.db)).length === 20);
  await projector.stop();
  const head = "messaging  journal 0, stream 0";
  const applied = (behind: number) => `           applied 20 from identity, ${behind} behind, 0 parked`;
  expect(await status(atFollower)).toEqual({ ok: true, lines: [head, applied(0)] });

  await restore(identity.db, 10, 12);
  const fork = "The stream IDENTITY differs from the journal from event 11 on; run `bun run events accept identity`.";
  expect(await status(atOwner)).toEqual({
    ok: false,
    lines: ["identity   journal 22, stream 20", `           ${fork}`],
  });
  await rebuildServiceStream(atOwner, "identity");
  const after = await status(atFollower);
  expect(after.ok).toBe(false);
  expect(after.lines.slice(0, 2)).toEqual([head, applied(2)]);
  expect(after.lines[2]).toContain("The events of identity come from journal");

  await transport.close();
  await link.close();
}, 30_000);
