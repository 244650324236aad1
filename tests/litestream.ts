/** Runs Litestream beside standalone and restores from it: `bun run litestream [--creates N]`. */
import { parseArgs } from "node:util";
import { litestreamDrill } from "./litestream-drill.ts";

const { values } = parseArgs({ args: Bun.argv.slice(2), options: { creates: { type: "string", default: "1500" } } });
const creates = Number(values.creates);
const { statuses, worst_ms, faults, half, restoredToHalf, whole } = await litestreamDrill(creates);
console.log(`creates answered: ${JSON.stringify(statuses)}, the slowest after ${Math.round(worst_ms)} ms`);
console.log(`events of projects: ${half} half-way, ${restoredToHalf} restored to that moment, ${whole} in all`);
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 && statuses[201] === creates ? 0 : 1);
