/**
 * `bun run replays [--histories N] [--seed N]` makes random histories of projects, and compares the service's reports in
 * five zones with a slow replay of their events. It ends with 1 when any number differs, and prints where.
 */
import { parseArgs } from "node:util";
import { temporaryDatabase } from "@stoa/testing";
import { compareRound } from "./reports/compare.ts";

const AT_ONCE = 50;

const { values } = parseArgs({
  options: { histories: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
});
const [histories, seed] = [Number(values.histories), Number(values.seed)];
let [compared, differing] = [0, 0];
for (let done = 0; done < histories; ) {
  // A new database now and then: rounds go on in time, and zones are not known for thousands of years.
  await using stored = await temporaryDatabase("projects");
  for (let round = 0; round < 20 && done < histories; round++, done += AT_ONCE) {
    const size = Math.min(AT_ONCE, histories - done);
    const { reports, faults } = await compareRound(stored.db, { seed: seed + done, round, histories: size });
    compared += reports;
    differing += faults.length;
    for (const fault of faults.slice(0, 5)) console.error(fault);
    console.log(`${done + size} histories, ${compared} reports compared, ${differing} differ`);
  }
}
process.exit(differing === 0 ? 0 : 1);
