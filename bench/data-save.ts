import { join } from "node:path";
import type { DataSave, DataSaved } from "@stoa/projects/data/schema";
import { temporaryDirectory } from "@stoa/testing";
import { connect } from "../deploy/cli/projects/client.ts";
import { importFile } from "../deploy/cli/projects/import.ts";
import { openFile } from "../deploy/cli/projects/open-file.ts";
import type { Person } from "../tests/client.ts";
import { cpuClock } from "./cpu.ts";
import { quantile } from "./load.ts";
import { type Measurement, type Settings, scaled, within } from "./measurement.ts";
import { startWorld } from "./stoa.ts";

/** Batch saves of a thousand items, and a file of a hundred thousand by the command line. */
export const dataSave: Measurement = {
  name: "data-save",
  about:
    "POST /data/save of 1,000 tasks, the same again, what another user waits meanwhile, and a file of 100,000 items",
  async run(settings) {
    await using world = await startWorld();
    const { ada, stoa, server } = world;
    const items = scaled(settings, 1_000, 10);
    const [fresh, again, waited, used]: [number[], number[], number[], number[]] = [[], [], [], []];
    const quiet = await waitsOf(ada, () => Bun.sleep(Math.max(200, settings.seconds * 1_000)));
    for (let round = 0; round <= settings.rounds; round++) {
      const body = payload(`round ${round}`, items);
      let ms = 0;
      const clock = cpuClock(server.pid);
      const waits = await waitsOf(ada, async () => {
        ms = await timeOf(ada, body, "created");
      });
      const cpu_ms = clock();
      const same = await timeOf(ada, body, "unchanged");
      // The first round warms up.
      if (round === 0) continue;
      fresh.push(ms);
      used.push(cpu_ms);
      again.push(same);
      waited.push(...waits);
    }
    const median = quantile(fresh, 0.5);
    const numbers = {
      items,
      ms: median,
      per_second: (items / median) * 1_000,
      cpu_ms: quantile(used, 0.5),
      again_ms: quantile(again, 0.5),
    };
    const others = { p99_ms: quantile(waited, 0.99), quiet_p99_ms: quantile(quiet, 0.99) };
    const file = await importing(settings, { url: stoa.gatewayUrl, token: ada.token ?? "" }, server.pid);
    return [
      within("save of a thousand tasks", numbers, "ms", "<=", 1_000),
      within("GET /auth/me during a save", others, "p99_ms", "<=", 250),
      within("import of a file", file, "seconds", "<=", 60),
    ];
  },
};

function payload(source: string, items: number): DataSave {
  const tasks = Array.from({ length: items - 1 }, (_, n) => taskOf(n, "p"));
  return { source, projects: [{ external_id: "p", name: "Weir" }], tasks };
}

const taskOf = (n: number, project: string) => ({
  external_id: `t${n}`,
  project,
  title: `Task number ${n} of the weir`,
  description: "Walk down to the weir and count the herons on it.",
  labels: ["herons"],
  ...(n % 10 > 0 && { parent: `t${n - (n % 10)}` }),
});

async function timeOf(ada: Person, body: DataSave, outcome: "created" | "unchanged"): Promise<number> {
  const began = performance.now();
  const { totals, results } = await ada.must<DataSaved & Record<string, unknown>>(
    200,
    "POST",
    "/api/v1/data/save",
    body,
  );
  const ms = performance.now() - began;
  if (totals[outcome] !== results.length) throw new Error(`${JSON.stringify(totals)} of ${results.length} items.`);
  return ms;
}

/** How long other requests take while something is done; milliseconds each. */
async function waitsOf(other: Person, work: () => Promise<unknown>): Promise<number[]> {
  const waits: number[] = [];
  let over = false;
  const done = work().finally(() => {
    over = true;
  });
  do {
    const began = performance.now();
    await other.must(200, "GET", "/api/v1/auth/me");
    waits.push(performance.now() - began);
  } while (!over);
  await done;
  return waits;
}

/** A file of JSON lines by the command of the command line, in this process; the server is another one. */
async function importing(settings: Settings, access: { readonly url: string; readonly token: string }, pid: number) {
  const items = scaled(settings, 100_000, 100);
  const projects = 100;
  await using folder = await temporaryDirectory("import");
  const path = join(folder.path, "tracker.jsonl");
  const lines = [
    ...Array.from({ length: projects }, (_, n) => ({ kind: "project", external_id: `p${n}`, name: `Weir ${n}` })),
    ...Array.from({ length: items - projects }, (_, n) => ({
      kind: "task",
      ...taskOf(n, `p${Math.floor(n / 10) % projects}`),
    })),
  ];
  await Bun.write(path, lines.map((line) => JSON.stringify(line)).join("\n"));
  const client = await connect(access);
  const [began, used] = [performance.now(), cpuClock(pid)];
  const said: string[] = [];
  const whole = await importFile(
    client,
    await openFile(path, {}),
    { source: "file" },
    { say: (line) => said.push(line) },
  );
  const seconds = (performance.now() - began) / 1_000;
  if (!whole) throw new Error(said.join("\n"));
  return { items, seconds, per_second: items / seconds, cpu_s: used() / 1_000 };
}
