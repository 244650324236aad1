import { newId, raw, sql } from "@stoa/db";
import { exportProject } from "@stoa/projects/export/export";
import { httpDeps, temporaryDatabase, testActor } from "@stoa/testing";
import { type Measurement, type Result, scaled, within } from "./measurement.ts";

const TASKS = 1_000_000;
const CHUNK = 50_000;
const MIB = 2 ** 20;

/** How much memory an export takes, and how fast it is. */
export const exporting: Measurement = {
  name: "export",
  about: `export of a project with ${TASKS} tasks: the growth of the process's memory meanwhile`,
  async run(settings) {
    await using stored = await temporaryDatabase("projects");
    const tasks = scaled(settings, TASKS, 500);
    const actor = testActor("ada", { is_superuser: true });
    const project_id = newId();
    const http = httpDeps({ service: "projects" });
    await stored.db.write([
      sql`insert into projects (id, owner_scope, key, name, creator_id, version, created_at, updated_at)
        values (${project_id}, 'ada', 'WEIR', 'Weir', 'ada', 1, '2026-11-20', '2026-11-20')`,
      sql`insert into counters (row, scope_id, last_number, last_place) values (1, ${project_id}, ${tasks}, ${tasks})`,
    ]);
    for (let first = 0; first < tasks; first += CHUNK) {
      const last = Math.min(first + CHUNK, tasks);
      await stored.db.write([
        sql`insert into tasks (id, project_id, scope, number, key, title, description, status, priority, creator_id, assignee_ids,
            labels, rank, version, created_at, updated_at)
          with recursive n (n) as (select ${first + 1} union all select n + 1 from n where n < ${last})
          select format('0197a1c0-5e2b-7c4d-9a3f-%012d', n), ${project_id}, 1, n, 'WEIR-' || n, 'Count the herons, number ' || n,
            'Walk down to the weir, and count the herons on it.', 'pending', 'medium', 'ada', '["ada"]', '["herons"]',
            format('%08d', n), 1, '2026-11-20T09:00:00.000Z', '2026-11-20T09:00:00.000Z' from n`,
      ]);
    }
    await stored.db.query(raw("select 1"));
    const results: Result[] = [];
    for (const format of ["csv", "json"] as const) {
      const answer = () => exportProject({ db: stored.db, http }, actor, project_id, { format });
      // The thread for long reads and the code are there before it is measured.
      await (await answer()).body?.getReader().read();
      Bun.gc(true);
      const before = process.memoryUsage.rss();
      const started = performance.now();
      const used = process.cpuUsage();
      let [bytes, most] = [0, before];
      for await (const piece of (await answer()).body ?? []) {
        bytes += piece.byteLength;
        most = Math.max(most, process.memoryUsage.rss());
      }
      const seconds = (performance.now() - started) / 1_000;
      const numbers = {
        growth_mib: Math.max(0.1, (most - before) / MIB),
        mib: bytes / MIB,
        per_second: tasks / seconds,
        cpu_s: secondsOf(process.cpuUsage(used)),
      };
      results.push(within(`export of ${tasks} tasks, ${format}`, numbers, "growth_mib", "<=", 128));
    }
    return results;
  },
};

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000_000;
}
