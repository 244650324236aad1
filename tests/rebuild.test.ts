import { expect, test } from "bun:test";
import { tableRevocations } from "@stoa/auth/table-revocations";
import { inProcess, startProjectors } from "@stoa/bus";
import { rebuildProjections } from "@stoa/bus/rebuild";
import { type Database, newId, openDatabase, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { system } from "@stoa/events";
import { append, lastSeq } from "@stoa/journal";
import { handlers } from "@stoa/messaging/handlers";
import { projections } from "@stoa/messaging/projections";
import { eventually, silent, startSqld, temporaryDatabase } from "@stoa/testing";

const LIFETIME_SECONDS = 900;
const time = new Date().toISOString();

const registered = (user_id: string, username: string) =>
  append(system, {
    type: "user.registered",
    aggregate_id: user_id,
    time,
    data: { user_id, username, full_name: null, is_superuser: false, roles: [], source: "self" },
  }).statement;

/** Identity with thirty users, one of whom has logged out, projects, and messaging on the given database. */
async function world(db: Database) {
  await using stack = new AsyncDisposableStack();
  const identity = stack.use(await temporaryDatabase("identity"));
  const projects = stack.use(await temporaryDatabase("projects"));
  const [user_id, session_id] = [newId(), newId()];
  await identity.db.write([
    registered(user_id, "ada"),
    ...Array.from({ length: 29 }, (_, n) => registered(newId(), `person-${n}`)),
    append(system, {
      type: "session.revoked",
      aggregate_id: user_id,
      time,
      data: { user_id, session_ids: [session_id], reason: "logout" },
    }).statement,
  ]);
  const transport = inProcess({ identity: identity.db, projects: projects.db }, silent);
  const its = handlers(LIFETIME_SECONDS);
  const running = startProjectors({ service: "messaging", db, transport, handlers: its, log: silent });
  stack.defer(() => transport.close());
  stack.defer(() => running.stop());
  const last = await lastSeq(identity.db);
  await eventually(() => running.status().some(({ seq }) => seq === last));
  const owned = stack.move();
  return {
    // What the edge asks of each token.
    revoked: () =>
      tableRevocations(db).lookup({ user_id, session_id, kid: "k", issued_at: Math.floor(Date.parse(time) / 1_000) }),
    people: async () => (await db.query(sql`select user_id from directory`)).length,
    rebuild: () =>
      rebuildProjections({
        db,
        handlers: its,
        projections,
        source: transport.source,
        log: silent,
        signal: new AbortController().signal,
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test.each(["file", "http"])(
  "while messaging's projections are rebuilt in a database by %s, every user is known and a revoked token is refused",
  async (engine) => {
    await using stack = new AsyncDisposableStack();
    const db = await openDatabase(
      engine === "file" ? stack.use(await temporaryDatabase("messaging")).url : stack.use(await startSqld()).url,
    );
    stack.defer(() => db.close());
    await migrate(db, readMigrations("messaging"));
    await using w = await world(db);
    const seen = new Set<string>();
    let reading = true;
    const reader = (async () => {
      while (reading) {
        seen.add(JSON.stringify([await w.people(), await w.revoked()]));
        await new Promise(setImmediate);
      }
    })();
    for (let time = 0; time < 3; time++) {
      expect(Object.fromEntries(await w.rebuild())).toEqual({
        directory: 0,
        memberships: 0,
        organization_members: 0,
        projects: 0,
        revocations: 0,
        task_assignees: 0,
        tasks: 0,
        work_events: 0,
      });
    }
    reading = false;
    await reader;
    expect([...seen]).toEqual([JSON.stringify([30, { revoked: "session" }])]);

    // No event has to come for what was lost to be there again.
    await db.write([sql`delete from directory`, sql`delete from revocations`]);
    expect(await w.revoked()).toBeUndefined();
    await w.rebuild();
    expect([await w.people(), await w.revoked()]).toEqual([30, { revoked: "session" }]);
  },
  60_000,
);
