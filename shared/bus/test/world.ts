import { type Database, DatabaseError, openDatabase, raw, type Sql, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { type Envelope, system } from "@stoa/events";
import { append, envelopesOf, guardTable, journal, journalIdentity, journalPage } from "@stoa/journal";
import { journalTriggers } from "@stoa/journal/triggers";
import {
  envelope as eventOf,
  migrationOf,
  nextMoment,
  rowsOf,
  type TestSchema,
  temporaryDatabase,
} from "@stoa/testing";
import { sql as drizzleSql } from "drizzle-orm";
import { check, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { Applier } from "../applier.ts";
import { park } from "../dead-letter.ts";
import { inProcess } from "../in-process.ts";
import { moveCursor, readPosition } from "../position.ts";
import { type RebuildOptions, rebuildProjections } from "../rebuild.ts";
import { cursors, deadLetters } from "../table.ts";
import { cursorTriggers } from "../triggers.ts";
import { type Handler, type Log, on } from "../types.ts";

/** A projection that shows order and repetition, because nothing in it is unique. */
export const applied = sqliteTable("applied", {
  place: integer().primaryKey({ autoIncrement: true }),
  sequence: integer().notNull(),
  aggregate_id: text().notNull(),
});
/** A projection with a rule that refuses some events. */
export const names = sqliteTable(
  "names",
  { user_id: text().primaryKey(), username: text().notNull(), sequence: integer().notNull() },
  (t) => [check("not_poison", drizzleSql`${t.username} <> 'poison'`)],
);
/** What reactions made; a rebuild never empties it. */
export const notes = sqliteTable("notes", { place: integer().primaryKey(), event_id: text().notNull() });

const schema: TestSchema = {
  tables: { journal, journalIdentity, guard: guardTable(["known_event"]), cursors, deadLetters, applied, names, notes },
  sql: [journalTriggers, cursorTriggers],
};

/** A database with journal, cursors and the tables above. */
export const worldDatabase = () => temporaryDatabase(schema);

/** The same in a database elsewhere. */
export async function worldAt(url: string): Promise<Database> {
  const db = await openDatabase(url);
  await migrate(db, [await migrationOf(schema)]);
  return db;
}

/** Handlers of user.updated: two projections and a reaction. With `fixed` they accept the events that failed before. */
export function handlers({ fixed = false }: { fixed?: boolean } = {}): Handler[] {
  const nameOf = (username: string) => (fixed && username === "poison" ? "cured" : username);
  return [
    on("projection", "user.updated", (event) => {
      if (!fixed && event.data.username === "throws") throw new TypeError("ada@example.com is not a name");
      const { user_id } = event.data;
      return [
        sql`insert into names (user_id, username, sequence)
          values (${user_id}, ${nameOf(event.data.username)}, ${event.sequence})
          on conflict (user_id) do update set username = excluded.username, sequence = excluded.sequence`,
        sql`insert into applied (sequence, aggregate_id) values (${event.sequence}, ${event.subject})`,
      ];
    }),
    on("reaction", "user.updated", (event) => [sql`insert into notes (event_id) values (${event.id})`]),
  ];
}

/** Rebuilds what the handlers above fill, from the journal of identity. */
export async function rebuild(target: Database, journal: Database, more: Partial<RebuildOptions> = {}) {
  const transport = inProcess({ identity: journal }, memoryLog());
  try {
    return await rebuildProjections({
      db: target,
      handlers: handlers(),
      projections: [
        { table: applied, holds: "what was applied" },
        { table: names, holds: "the names" },
      ],
      source: transport.source,
      log: memoryLog(),
      signal: new AbortController().signal,
      ...more,
    });
  } finally {
    await transport.close();
  }
}

/** Applies what the journal of identity has that was not applied yet, and returns at its end. */
export async function catchUp(target: Database, journal: Database, its: readonly Handler[] = handlers()) {
  const { signal } = new AbortController();
  const options = { db: target, source: "identity", handlers: its, log: memoryLog(), signal } as const;
  for (let events = await nextEvents(target, journal); events.length > 0; ) {
    await new Applier({ ...options, moved: () => undefined }).apply(events);
    events = await nextEvents(target, journal);
  }
}

/** Parks the next event, as an applier does that has tried it in vain, without waiting as that does. */
export async function parkNext(target: Database, journal: Database): Promise<void> {
  const position = await readPosition(target, "identity");
  const [event] = await nextEvents(target, journal);
  if (!event) throw new Error("Everything was applied.");
  const failure = { error: new DatabaseError("constraint", "", "not_poison"), attempts: 5 };
  await target.write([moveCursor("identity", position, [event]), park(event, { failure, reactions_due: true })]);
}

async function nextEvents(target: Database, journal: Database): Promise<readonly Envelope[]> {
  const { seq } = await readPosition(target, "identity");
  const { journal_id, rows } = await journalPage(journal, seq, 100);
  return envelopesOf("identity", journal_id, seq, rows).events;
}

/** A journal row: user.updated of one of a few users. */
export function updated(user: string, username = "ada", event_id?: string): Sql {
  return append(system, {
    type: "user.updated",
    aggregate_id: user,
    time: new Date().toISOString(),
    data: { user_id: user, username, full_name: null },
    ...(event_id === undefined ? {} : { event_id }),
  }).statement;
}

/** Appends `count` events, of `users` users in turn. */
export async function happen(db: Database, count: number, users = 7): Promise<void> {
  for (let made = 0; made < count; made += 500) {
    const some = Array.from({ length: Math.min(500, count - made) }, (_, i) => updated(`user-${(made + i) % users}`));
    await db.write(some);
  }
}

/**
 * Restores a journal as it was at an earlier sequence and appends `more` other events, all in one batch, so that nobody
 * sees the journal in between. Nobody does so within the millisecond of its last event.
 */
export async function restore(db: Database, to: number, more = 0): Promise<void> {
  await nextMoment();
  const name = "journal_refuses_delete";
  const [trigger] = await rowsOf<{ sql: string }>(db, sql`select sql from sqlite_master where name = ${name}`);
  const back = [sql`drop trigger ${raw(name)}`, sql`delete from journal where seq > ${to}`, raw(trigger?.sql ?? "")];
  await db.write([...back, ...Array.from({ length: more }, () => updated("user-after", "restored"))]);
}

/** The sequences a database has applied, in the order in which it did. */
export async function sequences(db: Database): Promise<number[]> {
  return (await rowsOf<{ sequence: number }>(db, sql`select sequence from applied order by place`)).map(
    (r) => r.sequence,
  );
}

/** How many rows a table or subquery has. */
export async function count(db: Database, from: string): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(db, sql`select count(*) as n from ${raw(from)}`);
  return row?.n ?? Number.NaN;
}

/** What went wrong: every event must be applied once and in order, and every reaction once. Empty when all is well. */
export async function faults(db: Database, last: number): Promise<string[]> {
  const found: string[] = [];
  const order = await sequences(db);
  const twice = order.length - new Set(order).size;
  if (twice > 0) found.push(`${twice} applied twice`);
  if (new Set(order).size < last) found.push(`${last - new Set(order).size} never applied`);
  if (order.some((sequence, i) => i > 0 && sequence <= (order[i - 1] ?? 0))) found.push("out of order");
  const reactions = await count(db, "notes");
  const events = await count(db, "(select distinct event_id from notes)");
  if (reactions !== events) found.push("a reaction happened twice");
  if (events < last) found.push("a reaction is missing");
  return found;
}

/** A log that keeps its lines. */
export function memoryLog(): Log & { readonly lines: { level: string; message: string; fields: object }[] } {
  const lines: { level: string; message: string; fields: object }[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}

/** An envelope of user.updated, for tests without a journal. */
export function envelope(sequence: number, user = "user-1", journalid = "journal-a"): Envelope {
  return eventOf(
    "user.updated",
    { user_id: user, username: "ada", full_name: null },
    { id: `event-${sequence}`, subject: user, time: "2026-11-20T09:00:00.000Z", sequence, journalid },
  );
}
