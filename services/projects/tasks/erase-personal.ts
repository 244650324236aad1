import { breathe, insertRow, raw, type Sql, select, sql } from "@stoa/db";
import { type Cause, system } from "@stoa/events";
import { ofNoProject } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { appendEachTask } from "./append-each.ts";
import { emptyScope, scopeOf } from "./scope.ts";
import { erasures } from "./table.ts";

/** Tasks, and events, in one write: more would keep other writes waiting. */
const AT_ONCE = 500;

/**
 * The personal tasks of an erased user go for good, with all that hangs on them and with what the journal says of them:
 * part of the reaction to the erasure. Of very many only the first go at once; {@link eraseLeftovers} goes on.
 */
export function erasePersonalTasks(cause: Cause, user_id: string, time: string): Sql[] {
  return [
    insertRow(
      erasures,
      { user_id, erased_at: time },
      sql`not exists (select 1 from erasures where user_id = ${user_id})`,
    ),
    ...deleteSome(cause, user_id, time),
    redactSome(user_id, time),
  ];
}

/** Goes on with the erasures that one write was too small for. Several instances may do it at once. */
export async function eraseLeftovers({ db, now }: StoreDeps): Promise<void> {
  for (const { user_id } of await db.query(select({ user_id: erasures.user_id }, sql`from ${erasures}`))) {
    const time = now().toISOString();
    for (let changed = 1; changed > 0; ) {
      const results = await db.write([...deleteSome(system, user_id, time), redactSome(user_id, time)]);
      changed = results.reduce((sum, { changes }) => sum + changes, 0);
      await breathe();
    }
    await db.write([
      sql`delete from counters where scope_id = ${user_id} and ${emptyScope}`,
      sql`delete from erasures where user_id = ${user_id}`,
    ]);
  }
}

/** Some of them, each with an event, which names the task by its id alone. */
function deleteSome(cause: Cause, user_id: string, time: string): Sql[] {
  const some = sql`t.row in (select row from tasks where scope = ${scopeOf(user_id)}
    order by row limit ${AT_ONCE})`;
  return [
    appendEachTask(raw("1"), { cause, type: "task.purged", time, where: some, more: raw(`json_object('title', '')`) }),
    sql`delete from tasks where row in (select t.row from tasks t where ${some})`,
  ];
}

/** The events of personal tasks have their creator as aggregate. What was written in them is removed from old ones. */
function redactSome(user_id: string, time: string): Sql {
  const blank = sql`json_replace(data, '$.title', '', '$.changes', json('[]'), '$.note', null)`;
  return sql`update journal set redacted_at = ${time}, data = ${blank} where seq in (select seq from journal
    where aggregate_id = ${user_id} and ${raw(ofNoProject)} and redacted_at is null and data <> ${blank} order by seq limit ${AT_ONCE})`;
}
