/** Kills Stoa while assistants answer, and checks how the answers end: `bun run answer-kills [--rounds N] [--seed N]`. */
import { parseArgs } from "node:util";
import { runAnswerKills } from "./answer-kill-run.ts";

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    rounds: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const faults = await runAnswerKills({ rounds: Number(values.rounds), seed, log: (line) => console.log(line) });
for (const fault of faults) console.error(fault);
console.log(`${values.rounds} kills, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
