import { expect, test } from "bun:test";
import { eventually } from "@stoa/testing";
import { periodically } from "./periodic.ts";

test("work that fails is logged and done again, never twice at a time", async () => {
  const warned: object[] = [];
  let turns = 0;
  const work = async () => {
    turns++;
    if (turns === 1) throw new Error("broken");
  };
  const stop = periodically(1, "counting", work, { warn: (line: object) => warned.push(line) });
  await eventually(() => turns >= 3);
  await stop();
  expect(warned).toEqual([{ work: "counting", err: new Error("broken") }]);
});
