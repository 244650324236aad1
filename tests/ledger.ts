import { type Database, sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import type { Databases } from "./agreement.ts";
import type { Ledger } from "./steady-load.ts";

/**
 * Checks that every acknowledged command has had its effect exactly once: the resource and its event. Empty when so.
 */
export async function ledgerFaults(ledger: Ledger, databases: Databases): Promise<string[]> {
  const { identity, projects, messaging } = databases;
  return [
    ...(await missing(
      "user",
      ledger.users.keys(),
      identity,
      sql`select username as name, count(*) as times from users group by username`,
    )),
    ...(await missing(
      "project",
      ledger.projects.keys(),
      projects,
      sql`select name, count(*) as times from projects group by name`,
    )),
    ...(await missing(
      "task",
      ledger.tasks.keys(),
      projects,
      sql`select title as name, count(*) as times from tasks group by title`,
    )),
    ...(await missing(
      "message",
      ledger.messages.keys(),
      messaging,
      sql`select client_id as name, count(*) as times from messages where client_id is not null group by client_id`,
    )),
    ...(await missing("event of task", ledger.tasks.values(), projects, eventsOf("task.created"))),
    ...(await missing("completion of task", ledger.completed, projects, eventsOf("task.completed"))),
    ...(await missing(
      "completed task",
      ledger.completed,
      projects,
      sql`select id as name, count(*) as times from tasks where status = 'completed' group by id`,
    )),
    ...(await missing("assignment of task", ledger.assigned, projects, eventsOf("task.assigned"))),
  ];
}

function eventsOf(type: string) {
  return sql`select entity_id as name, count(*) as times from journal where type = ${type} group by entity_id`;
}

async function missing(what: string, names: Iterable<string>, db: Database, counts: Parameters<Database["query"]>[0]) {
  const rows = await rowsOf<{ name: string; times: number }>(db, counts);
  const times = new Map(rows.map((row) => [row.name, row.times]));
  return [...names]
    .filter((name) => times.get(name) !== 1)
    .map((name) => `${what} ${name} exists ${times.get(name) ?? 0} times`);
}
