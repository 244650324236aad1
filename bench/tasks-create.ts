import { createClient } from "@libsql/client";
import { newId } from "@stoa/db";
import { alternate, rateOf } from "./alternate.ts";
import type { Bare } from "./bare.ts";
import { load } from "./load.ts";
import { atLeast, type Measurement, withoutBound } from "./measurement.ts";
import { copyDatabase, startBare, startWorld } from "./stoa.ts";

const connections = 8;
const time = "2026-11-20T09:00:00.000Z";

/** A durable change with its journal row, compared with the driver's own batch of two inserts. */
export const tasksCreate: Measurement = {
  name: "tasks-create",
  about: "POST of a task with its journal row, compared with a bare server that writes two rows in one batch",
  async run(settings) {
    await using world = await startWorld({ tasks: 20 });
    const { ada, project_id, headers, stoa } = world;
    const url = await copyDatabase(stoa, "projects");
    await using bare = await startBare({ url, write: sameTables(project_id, ada.id) });
    await using plain = await startBare({ url: await plainDatabase(url), write: plainTables(project_id, ada.id) });

    const shared = { method: "POST", connections, status: 201 };
    const body = (more: object) => JSON.stringify({ title: "Count the herons, day {n}", ...more });
    const json = { ...headers, "content-type": "application/json" };
    const ours = async (seconds: number) => {
      const what = { ...shared, headers: json, url: `${stoa.gatewayUrl}/api/v1/tasks`, body: body({ project_id }) };
      return rateOf(await load({ ...what, seconds }));
    };
    const theirs = (server: { url: string }) => async (seconds: number) =>
      rateOf(await load({ ...shared, headers: json, url: server.url, body: body({}), seconds }));

    const same = await alternate(settings, ours, theirs(bare));
    const two = await alternate(settings, ours, theirs(plain));
    return [
      atLeast(0.6, "POST of a task", same.ratio, { per_second: same.ours, bare_per_second: same.theirs }),
      withoutBound(
        "POST of a task, compared with tables without indexes",
        { per_second: two.ours, bare_per_second: two.theirs },
        two.ratio,
      ),
    ];
  },
};

const journalColumns =
  "event_id, type, aggregate_id, entity_id, actor_id, session_id, request_id, traceparent, ip_address, device_info, time, data";
const taskColumns =
  "id, project_id, number, key, title, status, priority, creator_id, assignee_ids, labels, rank, version, created_at, updated_at";

/** The same journal row and task that the service writes, into the same tables with all indexes and triggers. */
function sameTables(project_id: string, user_id: string): NonNullable<Bare["write"]> {
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
      sql: `insert into tasks (${taskColumns}) values (?, ?, ?, 'WEIR-1000', ?, 'pending', 'medium', ?, '[]', '[]', 'i000001000', 1, ?, ?)`,
      args: ["$id", project_id, "$n", "$title", user_id, time, time],
    },
  ];
}

/** The same two rows in tables that have only their keys. */
function plainTables(project_id: string, user_id: string): NonNullable<Bare["write"]> {
  return sameTables(project_id, user_id).map(({ sql, args }) => ({
    sql: sql.replace("into journal", "into plain_journal").replace("into tasks", "into plain_tasks"),
    args,
  }));
}

async function plainDatabase(beside: string): Promise<string> {
  const url = `${beside}.plain`;
  const client = createClient({ url });
  await client.execute("pragma journal_mode = wal");
  await client.execute(`create table plain_journal (seq integer primary key, ${journalColumns})`);
  await client.execute(`create table plain_tasks (row integer primary key, ${taskColumns})`);
  client.close();
  return url;
}
