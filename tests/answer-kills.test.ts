import { expect, test } from "bun:test";
import { runAnswerKills } from "./answer-kill-run.ts";

test("an answer whose process was killed ends as failed, with all that anybody has seen of it", async () => {
  const lines: string[] = [];
  const faults = await runAnswerKills({ rounds: 4, seed: 20_261_128, log: (line) => lines.push(line) });
  expect([lines.length, faults]).toEqual([4, []]);
}, 120_000);
