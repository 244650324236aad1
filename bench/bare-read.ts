import { Database } from "bun:sqlite";
import { openDatabase, type Sql } from "@stoa/db";
import { listTasks } from "@stoa/projects/tasks/list";
import { testActor } from "@stoa/testing";
import type { BareStatement } from "./bare-drivers.ts";
import { loadOn } from "./cpu.ts";
import { quantile } from "./load.ts";
import type { Settings } from "./measurement.ts";
import { copyDatabase, startBare, type World } from "./stoa.ts";

/** Rows that a page of 20 reads: one more says whether there is another page. */
const ROWS = 21;

/** A bare server that reads a page of 20 tasks. Its CPU time says how fast the machine is at the moment. */
export interface BareRead extends AsyncDisposable {
  /** The CPU time of a request, with 16 connections; milliseconds. */
  cpuMs(settings: Settings): Promise<number>;
}

/** Starts one on a copy of the database of projects. The server of the world is restarted. @param world has 21 tasks or more */
export async function startBareRead(world: World): Promise<BareRead> {
  const file = await copyDatabase(world, "projects", "read");
  const server = await startBare({ driver: "bun", file, read: await pageOf(world, file) });
  return {
    async cpuMs({ seconds, rounds }) {
      const samples: number[] = [];
      // The first round warms up.
      for (let round = 0; round <= Math.min(rounds, 3); round++) {
        const what = { headers: world.headers, connections: 16, status: 200, url: server.url, seconds };
        const { cpu_ms } = await loadOn(server, what);
        if (round > 0) samples.push(cpu_ms ?? 0);
      }
      return quantile(samples, 0.5);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The statement by which the service reads a page of 20 tasks. @param file a copy of the database of projects */
export async function pageOf({ ada, project_id }: World, file: string): Promise<BareStatement> {
  const page = await statementOf(file, ada, project_id);
  requireRows(file, page, ROWS);
  return page;
}

async function statementOf(file: string, ada: World["ada"], project_id: string): Promise<BareStatement> {
  const db = await openDatabase(`file:${file}`);
  const seen: Sql[] = [];
  const watched: typeof db = {
    ...db,
    query: (statement: Sql) => {
      seen.push(statement);
      return db.query(statement);
    },
  };
  const deps = { db: watched, now: () => new Date(), cursor_key: new Uint8Array(32) };
  await listTasks(deps, testActor(ada.username, { user_id: ada.id }), { project_id: [project_id], limit: 20 });
  db.close();
  const [statement] = seen;
  if (!statement || seen.length > 1) throw new Error(`The page takes ${seen.length} statements, not 1.`);
  return { sql: statement.sql, args: statement.args };
}

/** Checks that both sides read the same rows, because an empty page would be faster. */
function requireRows(file: string, { sql, args }: BareStatement, rows: number): void {
  using db = new Database(file);
  using statement = db.prepare(sql);
  const found = statement.values(...(args as string[]));
  if (found.length !== rows) throw new Error(`The page has ${found.length} rows, not ${rows}.`);
}
