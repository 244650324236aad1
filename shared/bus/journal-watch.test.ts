import { expect, test } from "bun:test";
import { eventually, intercepted } from "@stoa/testing";
import { Bell } from "./bell.ts";
import { JournalWatch } from "./journal-watch.ts";
import { happen, worldDatabase } from "./test/world.ts";

test("a write while the end of the journal is read makes it be read again, and nothing after the last follower left", async () => {
  await using world = await worldDatabase();
  const gate = Promise.withResolvers<void>();
  let reads = 0;
  const read = async () => {
    reads++;
    await gate.promise;
  };
  const leave = JournalWatch.of(intercepted(world.db, { read })).wake(new Bell());
  expect(reads).toBe(1);
  await happen(world.db, 1);
  expect(reads).toBe(1);
  gate.resolve();
  await eventually(() => reads > 1);
  leave();
  const before = reads;
  await happen(world.db, 1);
  expect(reads).toBe(before);
});
