import { Database } from "bun:sqlite";
import { newId } from "@stoa/db";
import { alternate } from "./alternate.ts";
import type { Bare } from "./bare.ts";
import { startBareRead } from "./bare-read.ts";
import { loadOn } from "./cpu.ts";
import { atLeast, cpuWithin, type Measurement, withoutBound } from "./measurement.ts";
import { type BareServer, copyDatabase, startBare, startWorld } from "./stoa.ts";
import { numbersOf } from "./tasks-read.ts";

const many = 16;
const time = "2026-11-20T09:00:00.000Z";

/** A durable change with its journal row, compared with two bare inserts in one batch. */
export const tasksCreate: Measurement = {
  name: "tasks-create",
  about:
    "POST of a task with its journal row, compared with a bare server that writes the two rows and groups its commits",
  async run(settings) {
    await using world = await startWorld({ tasks: 30 });
    await using read = await startBareRead(world);
    const { ada, project_id, headers, stoa, server } = world;
    const file = await copyDatabase(world, "projects");
    const write = sameTables({ project_id, user_id: ada.id, scope: scopeIn(file, project_id) });
    await using bare = await startBare({ driver: "bun", file, write });
    await using old = await startBare({ driver: "libsql", file: await copyDatabase(world, "projects", "old"), write });
    await using plain = await startBare({
      driver: "bun",
      file: plainDatabase(file),
      write: inPlainTables(write),
    });

    const body = (more: object) => JSON.stringify({ title: "Count the herons, day {n}", ...more });
    const json = { ...headers, "content-type": "application/json" };
    const shared = { method: "POST", headers: json, status: 201 };
    const url = `${stoa.gatewayUrl}/api/v1/tasks`;
    const ours = (connections: number) => (seconds: number) =>
      loadOn(server, { ...shared, connections, url, body: body({ project_id }), seconds });
    const theirs = (other: BareServer, connections: number) => (seconds: number) =>
      loadOn(other, { ...shared, connections, url: other.url, body: body({}), seconds });
    const compare = (other: BareServer, connections: number) =>
      alternate(settings, ours(connections), theirs(other, connections));

    const sixteen = await compare(bare, many);
    const one = await compare(bare, 1);
    const bareRead = await read.cpuMs(settings);
    const before = await compare(old, many);
    const two = await compare(plain, many);
    return [
      atLeast(0.2, "POST of a task", sixteen.ratio, numbersOf(sixteen)),
      cpuWithin(0.45, "POST of a task, sixteen at once", sixteen.cpu.ours, bareRead),
      cpuWithin(0.9, "POST of a task, one at a time", one.cpu.ours, bareRead),
      withoutBound("POST of a task, one at a time", numbersOf(one), one.ratio),
      withoutBound("POST of a task, compared with the previous driver", numbersOf(before), before.ratio),
      withoutBound("POST of a task, compared with tables without indexes", numbersOf(two), two.ratio),
    ];
  },
};

const journalColumns =
  "event_id, type, aggregate_id, entity_id, actor_id, session_id, request_id, traceparent, ip_address, device_info, time, data";
const taskColumns =
  "id, project_id, scope, number, key, title, status, priority, creator_id, assignee_ids, labels, rank, version, created_at, updated_at";

type Writes = NonNullable<Bare["write"]>;
type Written = Readonly<Record<"project_id" | "user_id", string> & Record<"scope", number>>;

function scopeIn(file: string, project_id: string): number {
  using db = new Database(file);
  const found = db.query<{ row: number }, [string]>("select row from counters where scope_id = ?").get(project_id);
  return found?.row ?? 0;
}

/** The same journal row and task that the service writes, into the same tables with all indexes and triggers. */
function sameTables({ project_id, user_id, scope }: Written): Writes {
  const data = JSON.stringify({
    task_id: newId(),
    project_id,
    title: "Count the herons, day 1795132800000001",
    status: "pending",
    priority: "medium",
    assignee_ids: [],
    version: 1,
    changes: [
      { field: "title", from: null, to: "Count the herons, day 1795132800000001" },
      { field: "status", from: null, to: "pending" },
      { field: "priority", from: null, to: "medium" },
    ],
    key: "WEIR-1000",
  });
  const trace = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
  return [
    {
      sql: `insert into journal (${journalColumns}) values (?, 'task.created', ?, ?, ?, ?, ?, ?, '127.0.0.1', 'bench', ?, ?)`,
      args: ["$event", project_id, "$id", user_id, newId(), newId(), trace, time, data],
    },
    {
      sql: `insert into tasks (${taskColumns}) values (?, ?, ?, ?, 'WEIR-1000', ?, 'pending', 'medium', ?, '[]', '[]', 'i000001000', 1, ?, ?)`,
      args: ["$id", project_id, scope, "$n", "$title", user_id, time, time],
    },
  ];
}

/** The same two rows in tables that have only their keys. */
function inPlainTables(writes: Writes): Writes {
  return writes.map(({ sql, args }) => ({
    sql: sql.replace("into journal", "into plain_journal").replace("into tasks", "into plain_tasks"),
    args,
  }));
}

function plainDatabase(beside: string): string {
  const file = `${beside}.plain`;
  using db = new Database(file);
  db.run("pragma journal_mode = wal");
  db.run(`create table plain_journal (seq integer primary key, ${journalColumns})`);
  db.run(`create table plain_tasks (row integer primary key, ${taskColumns})`);
  return file;
}
