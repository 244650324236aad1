import { expect, test } from "bun:test";
import fc from "fast-check";
import { RecentMap } from "./recent-map.ts";

const filled = (most: number, count: number) => {
  const map = new RecentMap<number, string>(most);
  for (let n = 0; n < count; n++) map.set(n, `${n}`);
  return map;
};

test("it holds what was set last, and at most as many entries as it may", () => {
  const map = filled(10, 1_000);
  const held = Array.from({ length: 1_000 }, (_, n) => n).filter((n) => map.get(n) !== undefined);
  expect(held.length).toBeLessThanOrEqual(10);
  expect(held.slice(-5)).toEqual([995, 996, 997, 998, 999]);
});

test("what is used stays, however much else comes", () => {
  const map = filled(10, 1);
  for (let n = 1; n < 1_000; n++) {
    map.set(n, `${n}`);
    if (n % 4 === 0) expect(map.get(0)).toBe("0");
  }
  expect(map.get(0)).toBe("0");
});

test("a value is replaced in place, and a deleted one is gone from both generations", () => {
  const map = filled(4, 3);
  map.set(0, "new");
  expect(map.get(0)).toBe("new");
  map.delete(0);
  map.delete(2);
  expect([0, 1, 2].map((n) => map.get(n))).toEqual([undefined, "1", undefined]);
});

test("of the keys used last, as many as half of the size are there with their last values", () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 12 }), act: fc.constantFrom("get", "set", "delete") });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
      const map = new RecentMap<number, number>(most);
      // All entries ever set, those used last at the end.
      const model = new Map<number, number>();
      for (const [value, { key, act }] of steps.entries()) {
        const known = model.get(key);
        const recent = [...model.keys()].slice(-Math.ceil(most / 2)).includes(key);
        if (act === "get") {
          const got = map.get(key);
          expect(got === undefined || got === known).toBe(true);
          if (recent) expect(got).toBe(known);
          // Whoever misses an entry that was forgotten has not used it.
          if (got === undefined) model.delete(key);
        }
        if (act === "delete") map.delete(key);
        if (act === "set") map.set(key, value);
        const now = act === "set" ? value : act === "delete" ? undefined : model.get(key);
        model.delete(key);
        if (now !== undefined) model.set(key, now);
      }
    }),
  );
});
