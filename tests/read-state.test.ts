import { expect, test } from "bun:test";
import { runReadState } from "./read-state-run.ts";

test.each([1, 2, 3, 4])(
  "unread messages and mentions are what a slow recount says, after any sequence of commands: seed %d",
  async (seed) => {
    expect(await runReadState({ seed, steps: 60 })).toEqual([]);
  },
  120_000,
);
