/** Kills parts of Stoa under load and looks whether what must hold does: `bun run faults [--rounds N] [--seed N]`. */
import { parseArgs } from "node:util";
import { runFaults } from "./fault-run.ts";

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    rounds: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const report = await runFaults({ rounds: Number(values.rounds), seed, log: (line) => console.log(line) });
for (const fault of report.faults) console.error(fault);
console.log(`${report.acknowledged} commands, ${report.faults.length} faults`);
process.exit(report.faults.length === 0 ? 0 : 1);
