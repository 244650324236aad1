import { expect, test } from "bun:test";
import { join } from "node:path";
import { nextMoment } from "./next-moment.ts";

test("a coarse clock moves in steps, for whoever asks it for the time, and dates stay what they are", () => {
  const file = JSON.stringify(join(import.meta.dir, "coarse-clock.ts"));
  const code = `import { coarsen } from ${file};
    const fine = Date.now();
    coarsen(3_600_000);
    const now = new Date();
    console.log(JSON.stringify([
      Date.now() % 3_600_000, now.getTime() % 3_600_000, fine - now.getTime() < 3_600_000,
      new Date(1), new Date(2026, 0, 2).getDate(), now instanceof Date, Date.parse("2026-01-01T00:00:00.001Z") % 1_000,
    ]))`;
  const { stdout } = Bun.spawnSync([process.execPath, "-e", code]);
  expect(JSON.parse(stdout.toString())).toEqual([0, 0, true, "1970-01-01T00:00:00.001Z", 2, true, 1]);
});

test("the next moment has another time", async () => {
  const before = Date.now();
  await nextMoment();
  expect(Date.now()).toBeGreaterThan(before);
});
