import { expect, test } from "bun:test";
import { runImportKills } from "./import-kill-run.ts";

test("an import that was killed, server or command, and run again ends as one that was not", async () => {
  const lines: string[] = [];
  const faults = await runImportKills({ rounds: 4, seed: 20_261_128, tasks: 1_200, log: (line) => lines.push(line) });
  expect([lines.length, faults]).toEqual([4, []]);
}, 120_000);
