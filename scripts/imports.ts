/** Checks every import against the rules of the layout (see imports/rules.ts): `bun run imports`. */
import { join } from "node:path";
import { cyclesOf } from "./imports/cycles.ts";
import { importsOf } from "./imports/graph.ts";
import { violationsOf } from "./imports/rules.ts";

const root = join(import.meta.dir, "..");
const glob = new Bun.Glob("{services,shared,deploy,tests,bench,scripts}/**/*.ts");
// It is compiled beside an SDK that its test generates.
const generated = "tests/sdk/consumer.ts";
const sources = new Map<string, string>();
for await (const path of glob.scan({ cwd: root })) {
  if (path === generated || path.includes("node_modules/")) continue;
  sources.set(path, await Bun.file(join(root, path)).text());
}

const imports = importsOf(sources);
const violations = [...violationsOf(imports), ...cyclesOf(imports)];
for (const { rule, at, message } of violations) console.error(`${at} ${message} (${rule})`);
console.log(`${sources.size} files, ${imports.length} imports, ${violations.length} against the rules`);
process.exitCode = violations.length === 0 ? 0 : 1;
