/**
 * Kills parts of Stoa under load, loses requests and answers of its databases, and checks that nothing is lost or happens
 * twice: `bun run faults [--rounds N] [--seed N]`. With `--plant NAME`, a module of `tests/plants`, it must fail.
 */
import { parseArgs } from "node:util";
import { runFaults } from "./fault-run.ts";

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    rounds: { type: "string", default: "20" },
    plant: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const log = (line: string) => console.log(line);
await runFaults({ rounds: Number(values.rounds), plant: values.plant, seed, log }, async ({ acknowledged, look }) => {
  const faults = await look();
  for (const fault of faults) console.error(fault);
  console.log(`${acknowledged} commands, ${faults.length} faults`);
  if (faults.length > 0) process.exitCode = 1;
});
process.exit();
