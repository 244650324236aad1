import type { Database } from "@stoa/db";
import { intercepted } from "./intercepted.ts";

/** Wraps a database so that `other` runs before one of the calls that are made through it. */
export type Overtaken = (db: Database, other: () => Promise<unknown>) => Database;

/**
 * Plays one round for each call of the database that a command makes: in the first, another command comes before its first
 * call, in the second before its second, until the command has no further call. So every order in which one whole command
 * can come between the steps of another is tried. In the last round the other one does not come: a command that it refuses early
 * makes fewer calls than it would otherwise, so that only a round without it says that there are no more.
 *
 * @param round makes a world of its own, runs the command on `overtaken(db, other)`, and looks at what came of it
 *
 * @example
 * await atEveryStep(async (overtaken, step) => {
 *   await using stored = await temporaryDatabase("projects");
 *   const { db } = stored;
 *   await createTask({ db: overtaken(db, () => createTask({ db, now }, owner, input, unclaimed)), now }, actor, input, unclaimed);
 *   expect([step, await db.query(sql`select number from tasks`)]).toEqual([step, [{ number: 1 }, { number: 2 }]]);
 * });
 */
export async function atEveryStep(round: (overtaken: Overtaken, step: number) => Promise<void>): Promise<void> {
  for (let step = 1, calls = 1; calls >= step - 1; step++) {
    calls = 0;
    await round((db, other) => {
      const call = async () => {
        calls++;
        if (calls === step) await other();
      };
      return intercepted(db, { read: call, write: call });
    }, step);
  }
}
