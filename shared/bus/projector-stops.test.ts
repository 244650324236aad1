import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { envelopeOf, journalId, readAfter } from "@stoa/journal";
import { eventually } from "@stoa/testing";
import { startProjector } from "./projector.ts";
import { reached, world } from "./test/projected.ts";
import { count, faults, handlers, happen, rebuild, restore, sequences } from "./test/world.ts";
import { JournalChanged } from "./types.ts";

test("a recreated journal is not followed until a rebuild", async () => {
  await using w = await world();
  await happen(w.source, 3);
  const first = w.project();
  await reached(w.target, 3);
  await first.stop();
  await w.source.write([sql`update journal_identity set journal_id = 'made-anew'`]);
  await happen(w.source, 1);
  const second = w.project();
  await eventually(() => second.status().stopped?.includes("bun run events rebuild messaging"));
  expect(await sequences(w.target)).toEqual([1, 2, 3]);
  await rebuild(w.target, w.source, { restored: { identity: 0 } });
  await reached(w.target, 4, 10_000);
  expect(await sequences(w.target)).toEqual([1, 2, 3, 4]);
  await eventually(() => second.status().stopped === undefined);
  expect(w.log.lines.filter((line) => line.level === "error").length).toBe(1);
  expect(await count(w.target, "notes")).toBe(7);
});

test.each([
  ["at once, with other events up to the same end", 15, "Event 25 of identity is not the one that was applied."],
  ["at once, with more events than it had", 40, "Event 25 of identity is not the one that was applied."],
  ["slowly", 0, "The events of identity end at 10, but event 25 was applied."],
])("a journal that is restored %s stops a running projector and one that starts later", async (_how, more, reason) => {
  await using w = await world();
  await happen(w.source, 25);
  const running = w.project();
  await reached(w.target, 25);
  await restore(w.source, 10, more);
  await eventually(() => running.status().stopped?.startsWith(reason));
  await happen(w.source, 20);
  const later = w.project();
  await eventually(() => later.status().stopped?.startsWith("Event 25 of identity is not the one that was applied."));
  expect(await sequences(w.target)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  expect(new Set(w.log.lines.filter((line) => line.level === "error").map((line) => line.message)).size).toBeLessThan(
    3,
  );
});

test("a cursor from before event ids were kept gets its id with the next event", async () => {
  await using w = await world();
  await happen(w.source, 3);
  const first = w.project();
  await reached(w.target, 3);
  await first.stop();
  await w.target.write([sql`update cursors set prev = seq, event_id = null`]);
  w.project();
  await happen(w.source, 1);
  await reached(w.target, 4);
  expect(await faults(w.target, 4)).toEqual([]);
  const last = await w.source.query(sql`select event_id from journal where seq = 4`);
  expect(await w.target.query(sql`select event_id from cursors`)).toEqual(last);
});

test("a projector whose source leaves out an event looks once more, and then stops before it", async () => {
  await using w = await world();
  await happen(w.source, 3);
  const id = await journalId(w.source);
  const [third] = await readAfter(w.source, 2, 1);
  let tries = 0;
  const projector = startProjector({
    service: "messaging",
    db: w.target,
    source: {
      service: "identity",
      follow: async (_start, deliver) => {
        tries++;
        if (third) await deliver([envelopeOf("identity", id, third)]);
      },
    },
    handlers: handlers(),
    log: w.log,
  });
  await eventually(() => projector.status().stopped !== undefined);
  expect(tries).toBeGreaterThan(1);
  expect(projector.status().stopped).toBe(
    "Event 1 of identity is missing; make its stream again with `bun run events rebuild --stream identity`.",
  );
  expect(await sequences(w.target)).toEqual([]);
  await projector.stop();
});

test("a projector that stopped is in order again only when its source has what was applied, and nothing more", async () => {
  await using w = await world();
  const told: [events: number, same: boolean][] = [];
  const next = Promise.withResolvers<void>();
  let tries = 0;
  const projector = startProjector({
    service: "messaging",
    db: w.target,
    source: {
      service: "identity",
      follow: async (_start, _deliver, signal, behind) => {
        if (tries++ === 0) throw JournalChanged.ended("identity", 0, 5);
        const say = (events: number, same: boolean) => {
          behind?.(events, same);
          told.push([events, same]);
        };
        say(0, false);
        say(3, true);
        await next.promise;
        say(0, true);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    },
    handlers: handlers(),
    log: w.log,
  });
  await eventually(() => told.length === 2);
  expect(projector.status()).toMatchObject({ lag: 3, stopped: expect.stringContaining("event 5 was applied") });
  next.resolve();
  await eventually(() => told.length === 3);
  expect(projector.status()).toEqual({ source: "identity", seq: 0, lag: 0, parked: 0 });
  await projector.stop();
});

test("a missing event stops the projector before it, which names its sequence", async () => {
  await using w = await world();
  await happen(w.source, 3);
  await w.source.write([sql`drop trigger journal_refuses_delete`, sql`delete from journal where seq = 2`]);
  const projector = w.project();
  await eventually(() => projector.status().stopped?.startsWith("Event 2 of identity is missing"));
  expect(await sequences(w.target)).toEqual([1]);
  expect(projector.status().lag).toBe(2);
});
