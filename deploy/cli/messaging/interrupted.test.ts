import { expect, test } from "bun:test";
import { join } from "node:path";
import { sql } from "@stoa/db";
import { eventually, rowsOf } from "@stoa/testing";
import { importFile } from "./import.ts";
import { at, channel, everything, post, said, user, world } from "./test/mattermost.ts";

/** Posts of a long file in an order that is not that of their times, with answers and reactions. */
const many = (count: number) => [
  channel("town"),
  user("ann", ["town"]),
  user("bob", ["town"]),
  ...Array.from({ length: count }, (_, n) =>
    post("town", n % 2 ? "ann" : "bob", `Post ${n}`, (n * 7) % count, {
      reactions: [{ user: "ann", emoji_name: "tada", create_at: at(n) }],
      replies: [said("bob", `Answer to ${n}`, count + n)],
    }),
  ),
];

test("an import that is cut off anywhere and run again is as one that was not", async () => {
  await using whole = await world("ann", "bob");
  await using cut = await world("ann", "bob");
  const lines = many(450);
  whole.write(lines);
  cut.write(lines);
  await whole.bring();
  for (let writes = 1; writes <= 4; writes++) {
    let left = writes;
    const progress = () => ({
      add: () => undefined,
      watch: (chunks: AsyncIterable<Uint8Array>) => chunks,
      tick: (what: () => string) => {
        if (what().endsWith("messages") && left-- === 0) throw new Error("cut off");
      },
      aside: (print: () => void) => print(),
      end: () => undefined,
    });
    const how = { source: "mattermost", dry_run: false, say: () => undefined, progress };
    await importFile(cut.db, cut.file, how).catch((error: Error) => expect(error.message).toBe("cut off"));
  }
  expect((await cut.bring()).code).toBe(0);
  const [one, other] = [await everything(whole.db), await everything(cut.db)];
  expect(other.messages.length).toBe(900);
  expect(other).toEqual(one);
});

test("an import that is killed and started again has everything once", async () => {
  await using w = await world("ann", "bob");
  w.write(many(2_000));
  const count = async () => (await rowsOf(w.db, sql`select 1 from messages`)).length;
  const command = ["bun", join(import.meta.dir, "../main.ts"), "messaging", "import", w.file, "--source", "mattermost"];
  const start = () => Bun.spawn(command, { env: { ...process.env, ...w.env }, stdout: "ignore", stderr: "inherit" });
  for (let round = 0; round < 3; round++) {
    const before = await count();
    const running = start();
    await eventually(async () => running.exitCode !== null || (await count()) > before);
    running.kill("SIGKILL");
    await running.exited;
  }
  expect(await start().exited).toBe(0);
  const seqs = await rowsOf<{ n: number; seqs: number; last: number }>(
    w.db,
    sql`select count(*) as n, count(distinct seq) as seqs, max(seq) as last from messages`,
  );
  expect(seqs).toEqual([{ n: 4_000, seqs: 4_000, last: 4_000 }]);
  expect(await rowsOf(w.db, sql`select count(*) as n from reactions`)).toEqual([{ n: 2_000 }]);
});
