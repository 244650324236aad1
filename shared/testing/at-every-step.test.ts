import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { atEveryStep } from "./at-every-step.ts";
import { temporaryDatabase } from "./temporary-database.ts";

test("another command comes once in each round, before each call in turn, and in the last round not at all", async () => {
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
  expect(rounds).toEqual(["1 xabw", "2 axbw", "3 abxw", "4 abw"]);
});

test("a command that the other one refuses early is overtaken before its later calls too", async () => {
  const rounds: string[] = [];
  await atEveryStep(async (overtaken, step) => {
    await using stored = await temporaryDatabase("identity");
    let refused = false;
    const db = overtaken(stored.db, async () => {
      refused = true;
    });
    await db.query(sql`select 1`);
    const before = refused;
    if (!before) {
      await db.query(sql`select 1`);
      await db.query(sql`select 1`);
    }
    rounds.push(`${step} ${before ? "refused early" : refused ? "overtaken" : "alone"}`);
  });
  expect(rounds).toEqual(["1 refused early", "2 overtaken", "3 overtaken", "4 alone"]);
});
