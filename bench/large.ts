import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { openDatabase } from "@stoa/db";
import { system } from "@stoa/events";
import { unclaimed } from "@stoa/journal";
import { createTask } from "@stoa/projects/tasks/create";
import { testActor } from "@stoa/testing";
import { startBareRead } from "./bare-read.ts";
import { cpuMsOf } from "./cpu.ts";
import { quantile } from "./load.ts";
import { cpuWithin, type Measurement, scaled, within } from "./measurement.ts";
import { changeDatabase, startWorld, type World } from "./stoa.ts";

/** What 200,000 tasks take on the disk, and a start with them. */
export const large: Measurement = {
  name: "large",
  about: "200,000 tasks: MiB on the disk, and the CPU of a start with them until it rests",
  async run(settings) {
    const tasks = scaled(settings, 200_000, 500);
    await using world = await startWorld({ tasks: 25 });
    await using page = await startBareRead(world);
    await atRest(world);
    const empty = mebibytes(world);
    await changeDatabase(world, "projects", (file) => fill(world, file, tasks));
    // The other services apply what happened.
    await atRest(world);
    const starts: number[] = [];
    for (let round = 0; round < Math.min(settings.rounds, 5); round++) {
      await world.server.stop();
      await world.server.start();
      starts.push(await atRest(world));
    }
    await world.server.stop();
    const disk = { tasks, mib: mebibytes(world), mib_of_200000: (mebibytes(world) - empty) * (200_000 / tasks) };
    await world.server.start();
    const bareRead = await page.cpuMs(settings);
    return [
      within("200,000 tasks on the disk", disk, "mib_of_200000", "<=", 380),
      cpuWithin(1_200, "a start with them until it rests", quantile(starts, 0.5), bareRead, { tasks }),
    ];
  },
};

/** Makes tasks as the service does, with their journal rows, and a description of 50 characters. */
async function fill({ ada, project_id }: World, file: string, tasks: number): Promise<void> {
  const db = await openDatabase(`file:${file}`);
  // Nobody's request: the rows of the journal are measured without who asked.
  const actor = { ...testActor(ada.username, { user_id: ada.id }), cause: system };
  const description = "Walk down to the weir and count the herons on it.";
  let left = tasks;
  const work = async () => {
    for (; left > 0; left--) {
      const input = { title: `Task number ${left} of the weir`, description, project_id };
      await createTask({ db, now: () => new Date() }, actor, input, unclaimed);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  db.close();
}

/** Waits until the process has used almost no CPU for a second. Returns what it has used since its start; milliseconds. */
export async function atRest({ server }: Pick<World, "server">): Promise<number> {
  for (;;) {
    const before = cpuMsOf(server.pid);
    await Bun.sleep(1_000);
    const after = cpuMsOf(server.pid);
    if (after - before <= 30) return before;
  }
}

/** All files in the data folder. */
function mebibytes({ stoa }: World): number {
  const folder = dirname(stoa.databaseUrls.projects.replace(/^file:/, ""));
  const files = readdirSync(folder, { recursive: true }).map((name) => statSync(join(folder, String(name))));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0) / 2 ** 20;
}
