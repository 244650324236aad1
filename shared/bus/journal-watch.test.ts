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

test("a write after a ring that nobody has heard yet is not looked for: whoever hears it reads that write too", async () => {
  await using world = await worldDatabase();
  let reads = 0;
  const read = async () => void reads++;
  const watch = JournalWatch.of(intercepted(world.db, { read }));
  const [slow, fast] = [new Bell(), new Bell()];
  const leave = [slow, fast].map((bell) => watch.wake(bell));
  await eventually(() => slow.rung && fast.rung);
  const before = reads;
  await happen(world.db, 1);
  await happen(world.db, 1);
  expect(reads).toBe(before);
  await fast.wait(0);
  await happen(world.db, 1);
  await eventually(() => fast.rung);
  expect(reads).toBe(before + 1);
  for (const its of leave) its();
});
