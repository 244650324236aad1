import { expect, test } from "bun:test";
import { runFaults } from "./fault-run.ts";

/** The time of a run without kills; milliseconds. */
const RUN_MS = 240_000;

test.each([
  [
    "an unknown outcome is taken for done",
    "outcome",
    /^(completion of|completed|assignment of) task .* exists 0 times$/,
  ],
  ["projections lose every tenth event", "tenth", /^\w+\.\w+ lacks \d+ rows of \w+ and has \d+ others$/],
])(
  "planted fault: %s, and the fault run finds it",
  async (_what, plant, finding) => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const run = { rounds: 30, kills: false, commands: 300, plant, seed, log: () => undefined };
    await runFaults(run, async ({ look }) => {
      expect((await look()).filter((fault) => finding.test(fault))).not.toEqual([]);
    });
  },
  RUN_MS,
);
