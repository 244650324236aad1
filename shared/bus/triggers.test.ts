import { expect, test } from "bun:test";
import { type Database, type Sql, sql, violates } from "@stoa/db";
import { startSqld } from "@stoa/testing";
import { park } from "./dead-letter.ts";
import { moveCursor, readPosition } from "./position.ts";
import { envelope, worldAt, worldDatabase } from "./test/world.ts";

/** The constraint that refused the statements, or "written". */
async function outcome(db: Database, statements: readonly Sql[]): Promise<string> {
  try {
    await db.write(statements);
    return "written";
  } catch (error) {
    const known = ["cursor_moved", "journal_changed", "dead_letters_changed"].find((name) => violates(error, name));
    return known ?? String(error);
  }
}

const at = (prev: number, seq: number, journal = "journal-a", parked = "0:0") =>
  sql`insert into cursors (source, journal_id, prev, seq, reacted, parked)
    values ('identity', ${journal}, ${prev}, ${seq}, ${seq}, ${parked})
    on conflict (source) do update set journal_id = excluded.journal_id, prev = excluded.prev, seq = excluded.seq,
    parked = excluded.parked`;

const replace = (prev: number, seq: number) =>
  sql`insert or replace into cursors (source, journal_id, prev, seq, reacted, parked)
    values ('identity', 'journal-a', ${prev}, ${seq}, ${seq}, '0:0')`;

async function refusals(db: Database): Promise<void> {
  expect(await outcome(db, [at(5, 9)])).toBe("cursor_moved");
  expect(await outcome(db, [at(0, 9)])).toBe("written");
  expect(await outcome(db, [at(0, 9)])).toBe("cursor_moved");
  expect(await outcome(db, [at(8, 10)])).toBe("cursor_moved");
  expect(await outcome(db, [replace(8, 10)])).toBe("cursor_moved");
  expect(await outcome(db, [sql`update cursors set seq = 12`])).toBe("cursor_moved");
  expect(await outcome(db, [sql`update cursors set source = 'projects', prev = 9`])).toBe("cursor_moved");
  expect(await outcome(db, [at(9, 10, "journal-b")])).toBe("journal_changed");
  expect(await outcome(db, [at(9, 10, "journal-a", "1:1")])).toBe("dead_letters_changed");
  expect(await outcome(db, [at(9, 10)])).toBe("written");
  expect(await outcome(db, [park(envelope(10), { failure: null, reactions_due: true })])).toBe("written");
  expect(await outcome(db, [at(10, 11)])).toBe("dead_letters_changed");
  expect(await outcome(db, [sql`delete from dead_letters`])).toBe("written");
  expect(await outcome(db, [park(envelope(11), { failure: null, reactions_due: true })])).toBe("written");
  expect(await outcome(db, [at(10, 11, "journal-a", "1:1")])).toBe("dead_letters_changed");
  expect(await outcome(db, [at(10, 11, "journal-a", "1:2")])).toBe("written");
  expect(await outcome(db, [sql`update cursors set prev = seq, seq = 0`])).toBe("written");
  expect(await outcome(db, [at(11, 12, "journal-a", "1:2")])).toBe("cursor_moved");
  expect(await outcome(db, [at(0, 1, "journal-b", "1:2")])).toBe("written");
}

test("a cursor moves only from its present sequence, within one journal, by a writer that knows what is parked", async () => {
  await using stored = await worldDatabase();
  await refusals(stored.db);
});

test("the triggers do the same over HTTP on sqld", async () => {
  await using sqld = await startSqld();
  await refusals(await worldAt(sqld.url));
});

test("parking an event again changes nothing, and the position is read as it is stored", async () => {
  await using stored = await worldDatabase();
  const position = await readPosition(stored.db, "identity");
  expect(position).toEqual({
    journal_id: null,
    seq: 0,
    event_id: null,
    reacted: 0,
    fingerprint: "0:0",
    parked: new Map(),
  });
  const events = [envelope(1), envelope(2)];
  const letter = park(envelope(2), { failure: null, reactions_due: true });
  await stored.db.write([moveCursor("identity", position, events), letter, letter]);
  expect(await readPosition(stored.db, "identity")).toEqual({
    journal_id: "journal-a",
    seq: 2,
    event_id: "event-2",
    reacted: 2,
    fingerprint: "1:1",
    parked: new Map([["user-1", 2]]),
  });
  expect(() => moveCursor("identity", position, [])).toThrow(RangeError);
});
