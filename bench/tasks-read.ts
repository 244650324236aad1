import { Database } from "bun:sqlite";
import { newId } from "@stoa/db";
import { alternate, type Compared } from "./alternate.ts";
import { pageOf } from "./bare-read.ts";
import { copyTasks } from "./copy-tasks.ts";
import { loadOn } from "./cpu.ts";
import { atLeast, cpuWithin, type Measurement, scaled, withoutBound } from "./measurement.ts";
import { changeDatabase, copyDatabase, startBare, startWorld, type World } from "./stoa.ts";

const many = 16;

/** Pages of 20 tasks, compared with the same SQL alone. */
export const tasksRead: Measurement = {
  name: "tasks-read",
  about: "GET of 20 tasks through the whole service, compared with a bare server that runs the same SQL",
  async run(settings) {
    const [few, all] = [scaled(settings, 1_000, 30), scaled(settings, 200_000, 60)];
    await using world = await startWorld({ tasks: few });
    const file = await copyDatabase(world, "projects");
    const page = await pageOf(world, file);
    await using bare = await startBare({ driver: "bun", file, read: page });
    await using before = await startBare({ driver: "libsql", file, read: page });

    const path = `/api/v1/tasks?project_id=${world.project_id}&limit=20`;
    const from = (server: typeof bare, connections: number) => (seconds: number) =>
      loadOn(server, { headers: world.headers, connections, status: 200, url: server.url, seconds });
    const compare = (server: typeof bare, connections: number) =>
      alternate(settings, readsOf(world, path, connections), from(server, connections));

    const sixteen = await compare(bare, many);
    const one = await compare(bare, 1);
    const old = await compare(before, many);
    const { id } = (await world.ada.must<{ items: { id: string }[] }>(200, "GET", path)).items[0] ?? { id: "" };
    const single = await alternate(settings, readsOf(world, `/api/v1/tasks/${id}`, many), from(bare, many));
    await changeDatabase(world, "projects", (path) => copyTask(path, id, all - few));
    const large = await compare(bare, many);
    return [
      atLeast(0.5, `GET of 20 of ${few} tasks`, sixteen.ratio, numbersOf(sixteen)),
      withoutBound("the same over one connection", numbersOf(one), one.ratio),
      withoutBound("the same, compared with the previous driver", numbersOf(old), old.ratio),
      cpuWithin(0.38, `GET of 20 of ${few} tasks`, sixteen.cpu.ours, sixteen.cpu.theirs),
      cpuWithin(0.13, "GET of one task", single.cpu.ours, single.cpu.theirs),
      withoutBound("GET of one task, compared with the page of a bare server", numbersOf(single), single.ratio),
      withoutBound(`GET of 20 of ${all} tasks`, numbersOf(large), large.ratio),
    ];
  },
};

/** The numbers of a comparison with a bare server. */
export function numbersOf({ ours, theirs, cpu }: Compared): Record<string, number> {
  return { per_second: ours, bare_per_second: theirs, cpu_ms: cpu.ours, bare_cpu_ms: cpu.theirs };
}

function readsOf({ stoa, server, headers }: World, path: string, connections: number) {
  return (seconds: number) =>
    loadOn(server, { headers, connections, status: 200, url: stoa.gatewayUrl + path, seconds });
}

/** Copies a task many times. */
function copyTask(file: string, id: string, times: number): void {
  using db = new Database(file);
  copyTasks(db, id, times, (n) => {
    const copy = newId();
    return { id: copy, number: 1_000_000 + n, rank: `z${copy}` };
  });
}
