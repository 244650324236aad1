/** Kills Stoa again and again while messages are sent, and counts them: `bun run send-kills [--kills N] [--seed N]`. */
import { parseArgs } from "node:util";
import { runSendKills } from "./send-kills-run.ts";

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const { sent, unanswered, faults } = await runSendKills({ kills: Number(values.kills), seed });
for (const fault of faults) console.error(fault);
console.log(
  `${values.kills} kills, ${sent} messages, ${unanswered} requests without an answer, ${faults.length} faults`,
);
process.exit(faults.length > 0 ? 1 : 0);
