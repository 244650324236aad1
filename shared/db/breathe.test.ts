import { afterEach, expect, test } from "bun:test";
import { breathe } from "./breathe.ts";

const immediate = globalThis.setImmediate;
afterEach(() => {
  globalThis.setImmediate = immediate;
});

/** Whether a timer that is due runs within so many iterations of a loop. */
async function turnsWithin(steps: number, step: () => Promise<void>): Promise<boolean> {
  let turned = false;
  const timer = setTimeout(() => {
    turned = true;
  });
  for (let count = 0; count < steps && !turned; count++) await step();
  clearTimeout(timer);
  return turned;
}

test("the event loop runs while a loop calls breathe, and not while it only awaits", async () => {
  expect(await turnsWithin(100_000, () => Promise.resolve())).toBe(false);
  expect(await turnsWithin(1_000_000, breathe)).toBe(true);
});

test("the event loop also runs without setImmediate", async () => {
  Reflect.deleteProperty(globalThis, "setImmediate");
  expect(await turnsWithin(1_000_000, breathe)).toBe(true);
});
