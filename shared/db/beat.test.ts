import { afterEach, expect, jest, spyOn, test } from "bun:test";
import { join } from "node:path";
import { nextBeat, onBeat } from "./beat.ts";

afterEach(() => jest.useRealTimers());

test("what looks at something every so often shares one timer, which ends with the last of them", () => {
  jest.useFakeTimers();
  using timers = spyOn(globalThis, "setInterval");
  const called: string[] = [];
  const stops = [
    onBeat(500, () => called.push("half")),
    onBeat(1_000, () => called.push("one")),
    onBeat(1_500, () => called.push("one and a half"), { holds: false }),
  ];
  jest.advanceTimersByTime(3_000);
  const times = (name: string) => called.filter((each) => each === name).length;
  expect([times("half"), times("one"), times("one and a half")]).toEqual([6, 3, 2]);
  expect(timers).toHaveBeenCalledTimes(1);
  for (const stop of stops) stop();
  expect(jest.getTimerCount()).toBe(0);
});

test("who stops is not called any more, and the others are", () => {
  jest.useFakeTimers();
  let [calls, others] = [0, 0];
  const stop = onBeat(500, () => {
    calls++;
    stop();
  });
  const stopOthers = onBeat(500, () => others++);
  jest.advanceTimersByTime(1_500);
  expect([calls, others]).toEqual([1, 3]);
  stopOthers();
});

test("who is stopped by another in the same beat is not called any more", () => {
  jest.useFakeTimers();
  let calls = 0;
  const stopFirst = onBeat(500, () => stopSecond());
  const stopSecond = onBeat(500, () => calls++);
  jest.advanceTimersByTime(1_000);
  expect(calls).toBe(0);
  stopFirst();
});

test("what is no multiple of half a second has a timer of its own", () => {
  jest.useFakeTimers();
  let calls = 0;
  const stop = onBeat(10, () => calls++);
  jest.advanceTimersByTime(50);
  stop();
  jest.advanceTimersByTime(50);
  expect(calls).toBe(5);
});

test("the next beat comes in time, and an end at once", async () => {
  jest.useFakeTimers();
  const stopping = new AbortController();
  const beat = nextBeat(1_000, stopping.signal);
  jest.advanceTimersByTime(1_000);
  await beat;
  const cut = nextBeat(1_000, stopping.signal);
  stopping.abort();
  await cut;
  await nextBeat(1_000, stopping.signal);
  expect(jest.getTimerCount()).toBe(0);
});

test("a process ends although something that does not hold it is still called", () => {
  const file = JSON.stringify(join(import.meta.dir, "beat.ts"));
  const code = `import { onBeat } from ${file}; onBeat(500, () => {}, { holds: false }); onBeat(500, () => {})();`;
  const { exitCode } = Bun.spawnSync([process.execPath, "-e", code], { timeout: 30_000 });
  expect(exitCode).toBe(0);
});
