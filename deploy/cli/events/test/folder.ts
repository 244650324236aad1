import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { openDatabase, sql } from "@stoa/db";
import { temporaryDirectory, userEnabled } from "@stoa/testing";
import { run as runDb } from "../../db/main.ts";
import { run } from "../main.ts";

/** A data folder with three migrated databases, and functions that run the commands on it. */
export async function world(more: Record<string, string> = {}) {
  const folder = await temporaryDirectory("events-cli");
  const env = { DATA_DIR: folder.path, ...more };
  expect(await runDb(["migrate"], env, () => undefined)).toBe(0);
  writeFileSync(`${folder.path}/secret_key`, "0123456789abcdef0123456789abcdef");
  const events = async (...args: string[]) => {
    const lines: string[] = [];
    const code = await run(args, env, (line) => lines.push(line));
    return { code, text: lines.join("\n") };
  };
  const open = (service: string) => openDatabase(`file:${folder.path}/${service}.db`);
  const happen = async (count: number) => {
    const db = await open("identity");
    await db.write(Array.from({ length: count }, userEnabled));
    db.close();
  };
  return { env, events, open, happen, path: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** How far a service has applied the events of identity. */
export const cursor = (seq: number, journal_id = "any") =>
  sql`insert into cursors (source, journal_id, prev, seq, reacted, parked)
    values ('identity', ${journal_id}, 0, ${seq}, ${seq}, (select count(*) || ':' || coalesce(max(id), 0) from dead_letters))`;

/** An event that a service has parked. */
export const parked = (sequence: number, envelope: object, behind: boolean) =>
  sql`insert into dead_letters (source, sequence, event_id, aggregate_id, type, envelope, error, behind, reactions_due, parked_at)
    values ('identity', ${sequence}, ${`event-${sequence}`}, 'user-1', 'user.enabled', ${JSON.stringify(envelope)},
      ${behind ? null : "constraint: something"}, ${behind}, 1, '2026-11-20T09:00:00.000Z')`;

/** The envelope of `user.enabled`. */
export const enabled = (sequence: number) => ({
  id: `event-${sequence}`,
  source: "/identity",
  type: "stoa.identity.user.enabled.v1",
  subject: "user-1",
  sequence,
  time: "2026-11-20T09:00:00.000Z",
  data: { user_id: "user-1" },
});
