import { expect, test } from "bun:test";
import packageJson from "../package.json" with { type: "json" };

const scripts: Readonly<Record<string, string>> = packageJson.scripts;

test("every script that runs tests or benchmarks installs first what they need, since a start installs less", () => {
  const run = Object.keys(scripts).filter((name) => /^bun (tests|bench)\//.test(scripts[name] ?? ""));
  expect(run.length).toBeGreaterThan(5);
  for (const name of run) expect([name, scripts[`pre${name}`]]).toEqual([name, "bun scripts/pretest.ts"]);
});
