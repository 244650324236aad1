import { expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { readYourWrites } from "./read-your-writes.ts";

/** Applied batches that a test triggers by hand. */
function batches() {
  const listeners = new Set<() => void>();
  return {
    listeners,
    apply: () => {
      for (const listener of listeners) listener();
    },
    onApplied: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

test("a row that exists is returned at once, without waiting", async () => {
  const { onApplied, listeners } = batches();
  const reads = readYourWrites({ onApplied });
  expect(await reads.lookup(async () => "ada", newId())).toBe("ada");
  expect(listeners.size).toBe(0);
});

test("after a miss it looks again with each applied batch, until it finds the row", async () => {
  const { apply, onApplied, listeners } = batches();
  const reads = readYourWrites({ onApplied, maxWaitMs: 60_000 });
  let looks = 0;
  const found = reads.lookup(async () => {
    looks++;
    queueMicrotask(apply);
    return looks === 4 ? "ada" : undefined;
  }, newId());
  expect(await found).toBe("ada");
  expect(listeners.size).toBe(0);
});

test("a batch that is applied during the lookup is not missed", async () => {
  const { apply, onApplied } = batches();
  const reads = readYourWrites({ onApplied, maxWaitMs: 60_000 });
  let looks = 0;
  const found = reads.lookup(async () => {
    if (++looks === 2) apply();
    return looks === 3 ? "ada" : undefined;
  });
  expect(await found).toBe("ada");
});

test("a miss is returned after the given time", async () => {
  const { onApplied, listeners } = batches();
  const [short, long] = [30, 60].map((maxWaitMs) => readYourWrites({ onApplied, maxWaitMs }));
  const order: string[] = [];
  const ends = async (name: string, found: Promise<unknown> | undefined) => order.push(`${name}: ${await found}`);
  await Promise.all([
    ends(
      "long",
      long?.lookup(async () => undefined, newId()),
    ),
    ends(
      "short",
      short?.lookup(async () => undefined, newId()),
    ),
    ends(
      "none",
      short?.lookup(async () => undefined, "an id without an age"),
    ),
  ]);
  expect(order).toEqual(["none: undefined", "short: undefined", "long: undefined"]);
  expect(await short?.waitFor(async () => false)).toBe(false);
  expect(listeners.size).toBe(0);
});

test.each([
  ["older than 10 s", newId(), 11_000],
  ["from the future", newId(), -11_000],
  ["no UUIDv7", "ada", 0],
])("an id that is %s is not waited for", async (_, id, later) => {
  const { onApplied } = batches();
  const reads = readYourWrites({ onApplied, now: () => Date.now() + later, maxWaitMs: 60_000 });
  let looks = 0;
  const look = async () => {
    looks++;
    return undefined;
  };
  expect(await reads.lookup(look, id)).toBeUndefined();
  expect(looks).toBe(1);
});

test("only so many may wait; the next gets its first result at once", async () => {
  const { apply, onApplied, listeners } = batches();
  const reads = readYourWrites({ onApplied, maxWaiters: 2, maxWaitMs: 60_000 });
  let there = false;
  const waiting = [1, 2].map(() => reads.waitFor(async () => there));
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(listeners.size).toBe(2);
  expect(await reads.waitFor(async () => there)).toBe(false);
  there = true;
  apply();
  expect(await Promise.all(waiting)).toEqual([true, true]);
});

test("a lookup that throws no longer counts as waiting", async () => {
  const { onApplied, listeners } = batches();
  const reads = readYourWrites({ onApplied, maxWaiters: 1, maxWaitMs: 60_000 });
  let looks = 0;
  const look = async () => {
    if (++looks === 2) throw new RangeError("away");
    return undefined;
  };
  expect(await reads.lookup(look).catch((error: unknown) => error)).toBeInstanceOf(RangeError);
  expect(listeners.size).toBe(0);
});
