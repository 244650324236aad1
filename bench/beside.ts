import { dirname, join } from "node:path";
import { openDatabase, raw } from "@stoa/db";
import { startProcess, temporaryDirectory } from "@stoa/testing/servers/index";
import { run } from "../deploy/cli/stoa.ts";
import { signUp } from "../tests/client.ts";
import { startStandalone } from "../tests/topologies/standalone.ts";
import { quantile } from "./load.ts";
import { type Measurement, type Result, type Settings, scaled, within } from "./measurement.ts";

/** What other processes do to the files of a running server. */
export const beside: Measurement = {
  name: "beside",
  about:
    "from `users disable` beside a running server to 401; and how long the loop stands while another process locks",
  run: async (settings) => [await disabled(settings), await locked(settings)],
};

async function disabled(settings: Settings): Promise<Result> {
  await using stoa = await startStandalone();
  const env = { DATA_DIR: dirname(stoa.databaseUrls.identity.replace(/^file:/, "")) };
  const times: number[] = [];
  for (let trial = 0; trial < scaled(settings, 20, 2); trial++) {
    const eve = await signUp(stoa.gatewayUrl, "eve");
    const lines: string[] = [];
    const code = await run(["users", "disable", eve.username], env, (line) => lines.push(line));
    if (code !== 0) throw new Error(`The command failed: ${lines.join("\n")}`);
    const began = performance.now();
    while ((await eve.get("/api/v1/projects")).status !== 401) {
      if (performance.now() - began > 30_000) throw new Error("A disabled user is still let in.");
    }
    times.push(performance.now() - began);
  }
  await stoa.stop();
  const numbers = { trials: times.length, p50_ms: quantile(times, 0.5), most_ms: Math.max(...times) };
  return within("a user disabled beside the server to 401", numbers, "most_ms", "<=", 1_000);
}

const holdMs = 400;

/** Another process holds the lock for 400 ms again and again, while this one writes. */
async function locked({ seconds }: Settings): Promise<Result> {
  await using folder = await temporaryDirectory("locked");
  const file = join(folder.path, "locked.db");
  const db = await openDatabase(`file:${file}`);
  await db.write([raw("create table t (x)")]);
  const script = `
    import { Database } from "bun:sqlite";
    const db = new Database(${JSON.stringify(file)});
    console.log("ready");
    for (;;) {
      try {
        db.run("begin immediate");
        await Bun.sleep(${holdMs});
        db.run("rollback");
      } catch (error) {
        if (!String(error).includes("locked")) throw error;
      }
      await Bun.sleep(20);
    }`;
  await using _other = await startProcess([process.execPath, "-e", script], {
    ready: (output) => output.includes("ready"),
  });
  let [stall, turn, slowest] = [0, performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    stall = Math.max(stall, now - turn - 1);
    turn = now;
  }, 1);
  const until = performance.now() + Math.max(seconds, 1) * 1_000;
  while (performance.now() < until) {
    const began = performance.now();
    await db.write([raw("insert into t values (1)")]);
    slowest = Math.max(slowest, performance.now() - began);
    await Bun.sleep(5);
  }
  clearInterval(timer);
  db.close();
  const numbers = { write_ms: slowest, stall_ms: stall, stall_ratio: stall / slowest };
  return within(
    "the longest turn of the loop while another process locks the file",
    numbers,
    "stall_ratio",
    "<=",
    0.25,
  );
}
