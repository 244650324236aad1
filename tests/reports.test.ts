import { expect, test } from "bun:test";
import { temporaryDatabase } from "@stoa/testing";
import { compareRound } from "./reports/compare.ts";

test("reports of random histories equal a slow replay in five zones, and past days never change", async () => {
  await using stored = await temporaryDatabase("projects");
  for (const round of [0, 1, 2, 3]) {
    const { reports, faults } = await compareRound(stored.db, { seed: 1, round, histories: 8 });
    expect([faults.slice(0, 3), reports]).toEqual([[], 8 * 2 * 5 * 6 * 2]);
  }
}, 120_000);
