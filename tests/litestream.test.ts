import { expect, test } from "bun:test";
import { litestreamDrill } from "./litestream-drill.ts";

test("beside Litestream every create is answered, and each database is restored to a moment and to the end", async () => {
  const { statuses, faults, half, restoredToHalf, whole } = await litestreamDrill(150);
  expect(statuses).toEqual({ 201: 150 });
  expect(faults).toEqual([]);
  expect(half).toBeGreaterThanOrEqual(75);
  expect(restoredToHalf).toBe(half);
  expect(whole).toBeGreaterThanOrEqual(half + 75);
}, 120_000);
