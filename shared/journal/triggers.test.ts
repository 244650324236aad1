import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Database, newId, openDatabase, raw, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { migrationOf, type SqldServer, startSqld, temporaryDatabase } from "@stoa/testing";
import { append, journalId, lastSeq } from "./index.ts";
import { cause, schema, time } from "./test/journal-fixture.ts";

let sqld: SqldServer;

beforeAll(async () => {
  sqld = await startSqld();
});

afterAll(() => sqld[Symbol.asyncDispose]());

const enabled = (user_id: string, event_id = newId()) =>
  append(cause, { type: "user.enabled", aggregate_id: user_id, event_id, time, data: { user_id } }).statement;

const insert = (verb: string, seq: string, event_id: string) =>
  raw(`${verb} into journal (seq, event_id, type, aggregate_id, time, data)
    values (${seq}, '${event_id}', 'user.enabled', 'x', '${time}', '{}')`);

describe.each(["file", "http"] as const)("a journal over %s", (kind) => {
  let db: Database;
  let end: () => unknown;
  const known = newId();

  beforeAll(async () => {
    if (kind === "file") {
      const stored = await temporaryDatabase(schema);
      [db, end] = [stored.db, stored.dispose];
    } else {
      db = await openDatabase(sqld.url);
      end = () => db.close();
      await migrate(db, [await migrationOf(schema)]);
    }
    await db.write([enabled("a", known), enabled("b"), enabled("c")]);
  });

  afterAll(() => end());
  beforeEach(async () => expect(await lastSeq(db)).toBe(3));

  const refused = async (text: ReturnType<typeof raw>, by: string) => {
    const before = await db.query(sql`select * from journal`);
    await expect(db.write([text])).rejects.toMatchObject({ failure: "constraint", constraint: by });
    expect(await db.query(sql`select * from journal`)).toEqual(before);
  };

  test("has an id of its own, a UUID", async () => {
    expect(await journalId(db)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await refused(raw("insert into journal_identity (id, journal_id) values (2, 'x')"), "journal_identity_is_one_row");
  });

  test("loses no row", async () => {
    await refused(raw("delete from journal"), "journal_refuses_delete");
    await refused(raw("delete from journal where seq = 3"), "journal_refuses_delete");
  });

  test.each(["seq", "event_id", "type", "aggregate_id", "entity_id", "organization_id", "actor_id", "session_id"])(
    "changes no %s",
    (column) => refused(raw(`update journal set ${column} = 9 where seq = 3`), "journal_refuses_update"),
  );

  test.each(["request_id", "traceparent", "time"])("changes no %s", (column) =>
    refused(raw(`update journal set ${column} = 'x'`), "journal_refuses_update"),
  );

  test("changes data only together with redacted_at", async () => {
    await refused(raw("update journal set data = '{}' where seq = 3"), "journal_refuses_edit");
    await db.write([sql`update journal set data = '{}', redacted_at = ${time} where seq = 2`]);
    expect(await db.query(sql`select data, redacted_at from journal where seq = 2`)).toEqual([
      { data: "{}", redacted_at: time },
    ]);
  });

  test("lets address and device be cleared", async () => {
    await db.write([raw("update journal set ip_address = null, device_info = null where seq = 1")]);
    expect(await db.query(raw("select ip_address, device_info from journal where seq = 1"))).toEqual([
      { ip_address: null, device_info: null },
    ]);
  });

  test.each(["insert", "insert or ignore", "insert or replace", "insert or fail"])(
    "accepts no event twice by %s",
    (verb) => refused(insert(verb, "null", known), "known_event"),
  );

  test.each(["insert", "insert or ignore", "insert or replace"])("accepts no seq twice by %s", (verb) =>
    refused(insert(verb, "3", newId()), "journal_refuses_replace"),
  );

  test.each(["insert", "insert or ignore", "insert or replace"])("accepts no gap by %s", (verb) =>
    refused(insert(verb, "5", newId()), "journal_refuses_gap"),
  );

  test("an upsert of a known event changes nothing", () =>
    refused(
      raw(`insert into journal (event_id, type, aggregate_id, time, data)
        values ('${known}', 'x', 'x', '${time}', '{}') on conflict (event_id) do update set ip_address = 'x'`),
      "known_event",
    ));

  test("accepts data of 256 KiB and no more", async () => {
    const long = (size: number) =>
      raw(`insert into journal (event_id, type, aggregate_id, time, data)
        values ('${newId()}', 'x', 'x', '${time}', '"' || printf('%.${size - 4}c', 'x') || 'é"')`);
    await refused(long(262_145), "journal_data_size");
    const [row] = await db.write([long(262_144), raw("insert into guard (rule) values ('front_row')")]).then(
      () => [null],
      (error: { constraint?: string }) => [error.constraint],
    );
    expect(row).toBe("front_row");
  });
});
