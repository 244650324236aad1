import { expect, test } from "bun:test";
import { type Database, raw, sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import { type Aftermath, runFaults } from "./fault-run.ts";

const ROUNDS = 20;
/** The time for twenty kills, ten seconds without NATS, and catching up; milliseconds. */
const RUN_MS = 300_000;

/** Planted faults and what `look` must report for each. Each is added to those before. */
const planted: readonly (readonly [string, (aftermath: Aftermath) => Promise<unknown>, RegExp])[] = [
  [
    "a projection lost a row",
    ({ databases }) => deleteOne(databases.messaging, "directory"),
    /^messaging\.directory differs/,
  ],
  [
    "a member is not in the projection of members",
    ({ databases }) => deleteOne(databases.messaging, "memberships"),
    /^messaging\.memberships lacks 1 rows of projects/,
  ],
  [
    "a reaction was lost",
    ({ databases }) => deleteOne(databases.messaging, "notifications"),
    /^notification .*: made 0 of 1/,
  ],
  [
    "an acknowledged command was lost",
    ({ databases }) => databases.projects.write([sql`update tasks set title = 'lost' where title like 'load-%'`]),
    /^task load-.* exists 0 times/,
  ],
  [
    "the journal has a gap",
    async ({ databases: { projects } }) => {
      const triggers = await rowsOf<{ name: string }>(
        projects,
        sql`select name from sqlite_master where type = 'trigger' and tbl_name = 'journal'`,
      );
      const drops = triggers.map(({ name }) => raw(`drop trigger "${name}"`));
      await projects.write([...drops, sql`delete from journal where seq = (select max(seq) / 2 from journal)`]);
    },
    /^journal of projects: \d+ rows/,
  ],
  [
    "an event was published before it was committed",
    ({ nats }) => nats.jetstream().publish("evt.identity.user.updated", "{}"),
    /^stream IDENTITY ends at/,
  ],
];

test(
  "whatever is killed, nothing acknowledged is lost or applied twice; and planted faults are found",
  async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    await runFaults({ rounds: ROUNDS, seed, log: (line) => console.log(line) }, async (aftermath) => {
      expect(aftermath.acknowledged).toBeGreaterThan(ROUNDS);
      expect(await aftermath.look()).toEqual([]);
      for (const [what, plant, finding] of planted) {
        await plant(aftermath);
        expect([what, (await aftermath.look()).filter((fault) => finding.test(fault)).length > 0]).toEqual([
          what,
          true,
        ]);
      }
    });
  },
  RUN_MS,
);

function deleteOne(db: Database, table: string) {
  return db.write([raw(`delete from "${table}" where rowid = (select min(rowid) from "${table}")`)]);
}
