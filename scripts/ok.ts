/** Checks whether the repository is ready: `bun run ok`. `--no-tests` leaves out the tests. */
import { runSteps, type Step } from "./ok/steps.ts";

const bun = (...command: string[]): string[] => [process.execPath, "run", "--silent", ...command];

const plain = process.stdout.isTTY ? [] : ["--colors=off"];

const checks: Step[] = [
  { name: "format and lint", command: bun("lint", ...plain) },
  { name: "types", command: bun("types") },
  { name: "import rules", command: bun("imports") },
  { name: "dead code", command: bun("dead") },
  { name: "migrations", command: [process.execPath, "scripts/migrations.ts"] },
  { name: "Caddyfile", command: bun("caddyfile", "--check") },
  { name: "OpenAPI", command: bun("openapi", "--check") },
  { name: "edge bundles", command: bun("edge") },
  { name: ".env.example", command: bun("env", "--check") },
];
const tests: Step[] = [{ name: "tests", command: bun("coverage") }];

// The tests start many processes and are sensitive to a busy machine, so they run alone and last.
const ok =
  (await runSteps(checks, { atOnce: 2, say: console.log })) &&
  (Bun.argv.includes("--no-tests") || (await runSteps(tests, { atOnce: 1, say: console.log })));
console.log(ok ? "ready" : "not ready");
process.exitCode = ok ? 0 : 1;
