import { expect, test } from "bun:test";
import { pause } from "./pause.ts";

const FOREVER = 2 ** 30;

test("it waits for its time, with a signal and without", async () => {
  await pause(1);
  await pause(1, new AbortController().signal);
});

test("a signal ends it, also one that has aborted before", async () => {
  const stop = new AbortController();
  const waiting = pause(FOREVER, stop.signal);
  stop.abort();
  await waiting;
  await pause(FOREVER, stop.signal);
});

test("it leaves nothing behind at the signal", async () => {
  const listeners: string[] = [];
  const signal = new AbortController().signal;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.push("added");
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.push("removed");
    remove(...args);
  };
  await pause(1, signal);
  expect(listeners).toEqual(["added", "removed"]);
});
