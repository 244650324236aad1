import { expect, test } from "bun:test";
import { type Database, DatabaseError, sql } from "@stoa/db";
import { intercepted } from "@stoa/testing";
import { Applier } from "./applier.ts";
import { readPosition } from "./position.ts";
import { setBack } from "./rebuild/place.ts";
import { count, envelope, handlers, memoryLog, sequences, worldDatabase } from "./test/world.ts";

/** An applier of identity's events, whose reads fail with `failure` once that is set. */
async function world() {
  const target = await worldDatabase();
  const fault: { failure?: Error } = {};
  const read = () => {
    if (fault.failure) throw fault.failure;
  };
  const applierOn = (db: Database) =>
    new Applier({
      db,
      source: "identity",
      handlers: handlers(),
      log: memoryLog(),
      signal: new AbortController().signal,
      moved: () => undefined,
    });
  const applier = applierOn(intercepted(target.db, { read }));
  return {
    db: target.db,
    applier,
    another: () => applierOn(target.db),
    fault,
    [Symbol.asyncDispose]: () => target.dispose(),
  };
}

test("a cursor that cannot be read was not set back; a fault of the program is not taken for that", async () => {
  await using w = await world();
  await w.applier.apply([envelope(1), envelope(2)]);
  expect(await w.applier.wasSetBack()).toBe(false);
  await w.db.write([sql`delete from cursors`]);
  w.fault.failure = new DatabaseError("unavailable", "gone");
  expect(await w.applier.wasSetBack()).toBe(false);
  w.fault.failure = new TypeError("a mistake");
  await expect(w.applier.wasSetBack()).rejects.toThrow("a mistake");
  delete w.fault.failure;
  expect(await w.applier.wasSetBack()).toBe(true);
});

test("an event of another journal is refused with all of its batch, although its sequence comes next", async () => {
  await using w = await world();
  await w.applier.apply([envelope(1), envelope(2)]);
  const batch = [envelope(3), envelope(4, "user-1", "journal-b")];
  await expect(w.applier.apply(batch)).rejects.toThrow(
    "The events of identity come from journal journal-b, those before from journal-a.",
  );
  expect(await sequences(w.db)).toEqual([1, 2]);
});

test("a cursor that comes back to where an instance has read it before repeats no reaction", async () => {
  await using w = await world();
  await w.applier.apply([envelope(1), envelope(2)]);
  const early = await readPosition(w.db, "identity");
  await w.another().apply([envelope(3), envelope(4)]);
  await w.db.write([setBack("identity", early)]);
  expect(await w.db.query(sql`select seq, reacted from cursors`)).toEqual([{ seq: 2, reacted: 4 }]);
  await w.applier.apply([envelope(3), envelope(4), envelope(5)]);
  expect(await sequences(w.db)).toEqual([1, 2, 3, 4, 3, 4, 5]);
  expect(await count(w.db, "notes")).toBe(5);
});
