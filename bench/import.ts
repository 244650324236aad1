import { root } from "../tests/topologies/local-service.ts";
import type { Imported } from "./import-run.ts";
import { type Measurement, scaled, within } from "./measurement.ts";

/** An import of users with their hashes: how fast it is, and whether it uses more memory the longer it runs. */
export const importing: Measurement = {
  name: "import",
  about:
    "100,000 users with bcrypt hashes from JSON lines: the rate, and the memory at the end against after a quarter",
  async run(settings) {
    const users = scaled(settings, 100_000, 1_000);
    const command = [process.execPath, `${root}/bench/import-run.ts`, String(users)];
    const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
    const output = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) throw new Error("The import failed.");
    const { seconds, quarter_mib, end_mib } = JSON.parse(output) as Imported;
    const cpu_s = Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1_000_000;
    const numbers = { users, per_second: users / seconds, cpu_s, quarter_mib, end_mib, growth: end_mib / quarter_mib };
    return [within("import of users", numbers, "growth", "<=", 1.2)];
  },
};
