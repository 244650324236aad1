import { computed, type Database, join, raw, returning, sql } from "@stoa/db";
import { slotAt } from "./counters.ts";
import { loads } from "./page.ts";
import { headOf, type Range, type ReportedProject } from "./range.ts";
import type { Workload } from "./schema.ts";
import { reportWorkloads } from "./table.ts";

const none = { open: 0, estimate_minutes: 0, logged_minutes: 0 };

/** Who had how many open tasks at the end of the last day. A task of several counts in full for each of them. */
export async function workload(db: Database, project: ReportedProject, range: Range): Promise<Workload> {
  const { end } = range;
  const rows = end === undefined ? [] : await loadsAt(db, project.id, end);
  const assignees = rows
    .filter(({ assignee_id }) => assignee_id !== "")
    .map(({ assignee_id, ...load }) => ({ user_id: assignee_id, ...load }));
  const unassigned = rows.find(({ assignee_id }) => assignee_id === "");
  const { assignee_id, ...load } = unassigned ?? { assignee_id: "", ...none };
  return { ...headOf(project, range), assignees, unassigned: load };
}

function loadsAt(db: Database, project_id: string, end: number) {
  const whole = slotAt(1440, end);
  const mine = sql`w.project_id = ${project_id}`;
  const sums = loads.map((load) => raw(`sum(${load}) as ${load}`));
  const columns = raw(`assignee_id, ${loads.join(", ")}`);
  return db.scan(
    returning(
      {
        assignee_id: computed<string>(),
        open: computed<number>(),
        estimate_minutes: computed<number>(),
        logged_minutes: computed<number>(),
      },
      sql`select assignee_id, ${join(sums, ", ")} from (
          select ${columns} from ${reportWorkloads} w where ${mine} and w.grain = 1440 and w.slot < ${whole}
          union all
          select ${columns} from ${reportWorkloads} w
          where ${mine} and w.grain = 15 and w.slot >= ${whole * 96} and w.slot < ${slotAt(15, end)})
        group by assignee_id having sum(open) > 0 order by sum(open) desc, assignee_id`,
    ),
  );
}
