import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { atEveryStep } from "./at-every-step.ts";
import { temporaryDatabase } from "./temporary-database.ts";

test("another command comes once in each round, before each call in turn, and before none that is not made", async () => {
  const rounds: string[] = [];
  await atEveryStep(async (overtaken, step) => {
    await using stored = await temporaryDatabase("identity");
    let told = "";
    const db = overtaken(stored.db, async () => {
      told += "x";
    });
    for (const call of ["a", "b"]) {
      await db.query(sql`select 1`);
      told += call;
    }
    await db.write([sql`delete from users`]);
    rounds.push(`${step} ${told}w`);
  });
  expect(rounds).toEqual(["1 xabw", "2 axbw", "3 abxw"]);
});
