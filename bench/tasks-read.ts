import { createClient } from "@libsql/client";
import type { Actor } from "@stoa/auth";
import { openDatabase, type Sql } from "@stoa/db";
import { system } from "@stoa/events";
import { listTasks } from "@stoa/projects/tasks/list";
import { alternate, rateOf } from "./alternate.ts";
import { load } from "./load.ts";
import { atLeast, type Measurement } from "./measurement.ts";
import { copyDatabase, startBare, startWorld } from "./stoa.ts";

const connections = 8;

/** A page of 20 tasks, compared with the same SQL alone. */
export const tasksRead: Measurement = {
  name: "tasks-read",
  about: "GET of 20 tasks through the whole service, compared with a bare server that runs the same SQL",
  async run(settings) {
    await using world = await startWorld({ tasks: 100 });
    const { ada, project_id, headers, stoa } = world;
    const url = await copyDatabase(stoa, "projects");
    const { sql, args } = await statementOf(url, ada.id, project_id);
    await requireRows(url, sql, args, 21);
    await using bare = await startBare({ url, read: { sql, args } });

    const shared = { headers, connections, status: 200 };
    const path = `/api/v1/tasks?project_id=${project_id}&limit=20`;
    const { ratio, ours, theirs } = await alternate(
      settings,
      async (seconds) => rateOf(await load({ ...shared, url: stoa.gatewayUrl + path, seconds })),
      async (seconds) => rateOf(await load({ ...shared, url: bare.url, seconds })),
    );
    return [atLeast(0.6, "GET of 20 tasks", ratio, { per_second: ours, bare_per_second: theirs })];
  },
};

/** The statement by which the service reads this page. */
async function statementOf(url: string, user_id: string, project_id: string) {
  const db = await openDatabase(url);
  const seen: Sql[] = [];
  const watched: typeof db = {
    ...db,
    queryAs: (statement, shape) => {
      seen.push(statement);
      return db.queryAs(statement, shape);
    },
  };
  const actor: Actor = {
    user_id,
    session_id: "",
    username: "",
    roles: [],
    is_superuser: false,
    auth_time: 0,
    expires_at: 0,
    token_id: "",
    cause: system,
  };
  const deps = { db: watched, now: () => new Date(), cursor_key: new Uint8Array(32) };
  await listTasks(deps, actor, { project_id, limit: 20 });
  db.close();
  const [statement] = seen;
  if (!statement || seen.length > 1) throw new Error(`The page takes ${seen.length} statements, not 1.`);
  return { sql: statement.sql, args: statement.args as (string | number)[] };
}

/** Checks that both sides read the same rows, because an empty page would be faster. */
async function requireRows(url: string, sql: string, args: (string | number)[], rows: number): Promise<void> {
  const client = createClient({ url });
  const found = await client.execute({ sql, args });
  client.close();
  if (found.rows.length !== rows) throw new Error(`The page has ${found.rows.length} rows, not ${rows}.`);
}
