/**
 * `bun run search-oracle` compares `GET /tasks?q=` with a slow reading of all tasks on random texts of many scripts:
 * `--searches` of them (10,000), over `--texts` tasks (200), from `--seed` on. It ends with 1 when one differs.
 */
import { parseArgs } from "node:util";
import { compareSearch } from "@stoa/projects/test/compare-search";

const { values } = parseArgs({
  options: {
    searches: { type: "string", default: "10000" },
    texts: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});
const { searches, texts, seed } = values;
const wrong = await compareSearch({ searches: Number(searches), texts: Number(texts), seed: Number(seed) });
for (const one of wrong) console.error(JSON.stringify(one));
console.log(`${searches} searches in ${texts} tasks, ${wrong.length} differ`);
process.exit(wrong.length === 0 ? 0 : 1);
