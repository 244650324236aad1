import type { Actor } from "@stoa/auth";
import { all, computed, listed, type Sql, sql, storedJson } from "@stoa/db";
import type { Change } from "@stoa/events";
import { isNamed, namedBy, type Page, pagePlan, readPage } from "@stoa/http/list/index";
import { journal } from "@stoa/journal";
import { alias } from "drizzle-orm/sqlite-core";
import type { ListDeps } from "../deps.ts";
import { textsOf } from "./log-texts.ts";
import { accessTask } from "./read.ts";
import type { TaskLogEntry, TaskLogsQuery } from "./schema.ts";

const h = alias(journal, "h");
const { seq, event_id, type, actor_id, time, data } = h;

/**
 * A batch of many tasks appends one kind of event for all of them, then the next kind: the events of one request about one
 * task are no farther apart than this.
 */
const REACH = 1_000;

/** Another event of the same request about the same task: both are of one batch, so of one moment. */
const together = sql`o.entity_id = h.entity_id and o.request_id = h.request_id and o.time = h.time
  and o.actor_id is h.actor_id`;

const columns = {
  seq,
  event_id,
  type,
  actor_id,
  time,
  data,
  others: computed<string>(sql`(select json_group_array(o.data) from journal o
    where ${together} and o.seq > h.seq and o.seq < h.seq + ${REACH})`),
};

/**
 * What happened to a task, the latest first: an entry for each request, made from the rows of the journal.
 *
 * @throws StoaError `not_found`, `forbidden`.
 */
export async function listLogs(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  task_id: string,
  { limit, cursor, skip, count, ...filter }: TaskLogsQuery,
): Promise<Page<TaskLogEntry>> {
  await accessTask(db, actor, task_id);
  const plan = pagePlan(
    cursor_key,
    { limit, cursor, skip, count },
    {
      name: "logs",
      filters: { actor: actor.user_id, task_id, ...filter },
      order: [{ column: h.seq, direction: "desc" }],
    },
  );
  const source = { columns, from: sql`${h}`, where: all(conditionsOf(actor, task_id, filter)) };
  const page = await readPage(db, plan, source, (row) => ({
    ...row,
    changes: changesOf(task_id, row.data, row.others),
  }));
  const texts = await textsOf(
    db,
    actor,
    page.items.flatMap(({ changes }) => changes),
  );
  return {
    ...page,
    items: page.items.map((row) => ({
      id: row.event_id,
      task_id,
      actor_id: row.actor_id,
      type: row.type,
      changes: row.changes.map((change) => ({ ...change, ...texts(change) })),
      source: sourceOf(row.data, row.actor_id),
      occurred_at: row.time,
    })),
  };
}

type Filter = Pick<TaskLogsQuery, "field" | "actor_id" | "source" | "since" | "until">;

function conditionsOf(actor: Actor, task_id: string, { field, actor_id: by, source, since, until }: Filter): Sql[] {
  const first = sql`not exists (select 1 from journal o
    where ${together} and o.seq < h.seq and o.seq > h.seq - ${REACH})`;
  const conditions = [sql`${h.entity_id} = ${task_id}`, first];
  if (by !== undefined) conditions.push(isNamed(actor_id, namedBy(actor, by)));
  if (since !== undefined) conditions.push(sql`h.time >= ${since}`);
  if (until !== undefined) conditions.push(sql`h.time < ${until}`);
  if (source !== undefined) {
    conditions.push(
      sql`iif(json_valid(h.data), coalesce(h.data ->> 'source', iif(h.actor_id is null, 'system', 'user')) in ${listed(source)}, 1)`,
    );
  }
  if (field !== undefined) {
    conditions.push(sql`not json_valid(h.data) or exists (select 1
      from journal o, json_each(iif(json_valid(o.data), o.data, '{}'), '$.changes') c
      where (o.seq = h.seq or (${together} and o.seq > h.seq and o.seq < h.seq + ${REACH}))
        and c.value ->> 'field' in ${listed(field)})`);
  }
  return conditions;
}

/** What is read of an event. */
interface Said {
  readonly changes?: Change[];
  readonly source?: "import";
}

const journalData = "journal.data of projects, task";

/** The changes of one event and of those that belong to it. */
function changesOf(entity: string, data: string, others: string): Change[] {
  const all = [data, ...storedJson<string[]>(others, journalData)].map((said) =>
    storedJson<Said>(said, journalData, entity),
  );
  return all.flatMap(({ changes }) => changes ?? []);
}

function sourceOf(data: string, actor: string | null): TaskLogEntry["source"] {
  const { source } = storedJson<Said>(data, journalData);
  return source ?? (actor === null ? "system" : "user");
}
