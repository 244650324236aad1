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

test("a turn that lasts long is followed by one at the next interval, and stopping waits for no other", async () => {
  const turns: PromiseWithResolvers<void>[] = [];
  const work = () => {
    const turn = Promise.withResolvers<void>();
    turns.push(turn);
    return turn.promise;
  };
  const [warn, beats] = [() => undefined, { count: 0 }];
  const stop = periodically(1, "waiting", work, { warn });
  const beside = setInterval(() => beats.count++, 1);
  await eventually(() => turns.length === 1 && beats.count > 10);
  clearInterval(beside);
  turns[0]?.resolve();
  await eventually(() => turns.length === 2);
  const stopped = stop();
  turns[1]?.resolve();
  await stopped;
  expect(turns).toHaveLength(2);
});
