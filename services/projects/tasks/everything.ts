import type { Actor } from "@stoa/auth";
import { raw, type Sql, sql } from "@stoa/db";
import type { PagePlan } from "@stoa/http/list/index";
import { seenProjects } from "../access.ts";
import { columnsOfTask } from "./shape.ts";

/**
 * A page of all that the asker sees, in the order in which it was made. It takes a page's worth from each project's
 * index and the best of these, so that it costs as much as they have projects, not as much as these have tasks.
 */
export function pageOfEverything(actor: Actor, plan: PagePlan, direction: "asc" | "desc"): Sql {
  const enough = plan.size + plan.offset;
  const best = (where: Sql) => sql`select t.row from tasks t
    where ${where} and t.deleted_at is null and ${plan.where} order by t.id ${raw(direction)} limit ${enough}`;
  return sql`select ${columnsOfTask} from tasks t where t.row in (
      select near.row from (${seenProjects(actor.user_id)}) m
        join tasks near on near.row in (${best(raw("t.project_id = m.project_id"))})
      union all
      select row from (${best(sql`t.project_id is null and t.creator_id = ${actor.user_id}`)}))
    order by ${plan.order} limit ${plan.limit}`;
}
