import { Database } from "bun:sqlite";
import { endRankOf } from "@stoa/projects/tasks/rank";
import { alternate } from "./alternate.ts";
import { copyTasks } from "./copy-tasks.ts";
import { cpuClock } from "./cpu.ts";
import { atLeast, type Measurement, scaled } from "./measurement.ts";
import { changeDatabase, startWorld } from "./stoa.ts";

/** Moves on a small board and on a large one. */
export const tasksMove: Measurement = {
  name: "tasks-move",
  about: "moves of a task on a board of 10,000, compared with a board of 10",
  async run(settings) {
    const [few, many] = [10, scaled(settings, 10_000, 100)];
    await using world = await startWorld({ tasks: few });
    const { ada, project_id, server } = world;
    const { id: large } = await ada.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Large" });
    await changeDatabase(world, "projects", (file) => addTasks(file, project_id, large, many));
    const moves = async (board: string) => {
      const { items } = await ada.must<{ items: { id: string }[] }>(
        200,
        "GET",
        `/api/v1/tasks?project_id=${board}&limit=10&sort=rank`,
      );
      let n = 0;
      return async (seconds: number) => {
        const [begun, before, used] = [performance.now(), n, cpuClock(server.pid)];
        while (performance.now() - begun < seconds * 1_000) {
          const [one, other] = [items[n % items.length], items[(n * 7 + 3) % items.length]];
          n++;
          if (one && other && one !== other) {
            await ada.must(200, "PATCH", `/api/v1/tasks/${one.id}/move`, { after_id: other.id });
          }
        }
        const per_second = ((n - before) * 1_000) / (performance.now() - begun);
        return { per_second, cpu_ms: used() / (n - before) };
      };
    };
    const { ratio, ours, theirs, cpu } = await alternate(settings, await moves(large), await moves(project_id));
    const numbers = { per_second: ours, few_per_second: theirs, cpu_ms: cpu.ours, few_cpu_ms: cpu.theirs };
    return [atLeast(0.8, `move among ${many} tasks beside ${few}`, ratio, numbers)];
  },
};

/** Copies a project's first task into another, often. */
function addTasks(file: string, from: string, project_id: string, count: number): void {
  using db = new Database(file);
  const first = db
    .query<{ id: string }, [string]>("select id from tasks where project_id = ? and number = 1")
    .get(from);
  copyTasks(db, first?.id ?? "", count, (n) => ({
    id: `02000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`,
    project_id,
    number: n + 1,
    rank: endRankOf(n + 1),
  }));
  db.query("update counters set last_number = ?1, last_place = ?1 where scope_id = ?2").run(count, project_id);
}
