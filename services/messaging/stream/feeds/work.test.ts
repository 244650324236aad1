import { expect, test } from "bun:test";
import { newId, openDatabase, sql } from "@stoa/db";
import { envelope, eventually, LOOKS_IN_A_SECOND } from "@stoa/testing";
import { type ClientEvent, listen } from "../../test/event-stream.ts";
import { serve } from "../../test/service.ts";
import { createWorld, type Person, type World } from "../../test/world.ts";

const named = (name: string) => (each: ClientEvent) => each.event === name;
const titled = (title: string) => (each: ClientEvent) => each.data["title"] === title;

const rename = (world: World, by: Person, title: string, project_id: string | null = null) =>
  world.apply("task.updated", { task_id: newId(), project_id, key: null, title, version: 2, changes: [] }, by);

test("what one instance applies reaches the streams of another within a second, and they go on at either", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const other = await openDatabase(world.url);
  await using here = await serve(world);
  await using there = await serve(world, { db: other });
  using first = await listen(there, ann);
  await first.until(named("ready"));
  await rename(world, ann, "One");
  await first.until(titled("One"), { looks: LOOKS_IN_A_SECOND });
  first.cut();
  await rename(world, ann, "Two");
  using again = await listen(here, ann, { after: first.last() });
  await again.until(titled("Two"));
  expect(again.events.filter(named("task.updated"))).toHaveLength(1);
  other.close();
});

test("messages and work each keep their order through cuts, none missing and none twice", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  await using service = await serve(world);
  const titles: unknown[] = [];
  let after: string | undefined;
  for (let round = 0; round < 6; round++) {
    using stream = await listen(service, ann, { after });
    if (round === 0) await stream.until(named("ready"));
    for (let n = 0; n < 10; n++) await rename(world, ann, `${round * 10 + n}`);
    await stream.until(({ data }) => Number(data["title"]) >= round * 10);
    stream.cut();
    await eventually(stream.ended);
    titles.push(...stream.events.filter(named("task.updated")).map(({ data }) => data["title"]));
    after = stream.last();
  }
  using last = await listen(service, ann, { after });
  await eventually(() => titles.length + last.events.length >= 60);
  titles.push(...last.events.map(({ data }) => data["title"]));
  expect(titles).toEqual(Array.from({ length: 60 }, (_, n) => `${n}`));
});

test("of the work only so much is kept as can be resumed; who has missed more is told to begin anew", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  await using service = await serve(world, { streams: { maxBehind: 5 } });
  using first = await listen(service, ann);
  await first.until(named("ready"));
  for (let n = 0; n < 6; n++) await rename(world, ann, `${n}`);
  await first.until(titled("5"));
  using again = await listen(service, ann, { after: first.events[0]?.id });
  await again.until(named("reset"));
  expect(again.events).toHaveLength(1);
});

test("when the events of projects are others than before, streams end, and their clients begin anew", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  await using service = await serve(world);
  await rename(world, ann, "before");
  using first = await listen(service, ann);
  await first.until(named("ready"));
  // As `events accept` does it.
  const moved = sql`update cursors set journal_id = 'ffffffff-0000-4000-8000-000000000000', prev = 0, seq = 1
    where source = 'projects'`;
  await world.db.write([sql`update cursors set prev = seq, seq = 0 where source = 'projects'`, moved]);
  await eventually(first.ended);
  using again = await listen(service, ann, { after: first.last() });
  await again.until(named("reset"));
});

test("a stream of before the first event of projects misses none of them", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  await using service = await serve(world);
  using first = await listen(service, ann);
  await first.until(named("ready"));
  first.cut();
  await rename(world, ann, "first");
  using again = await listen(service, ann, { after: first.last() });
  await again.until(titled("first"));
  expect(again.events).toHaveLength(1);
});

test("an event that could not be applied is on the stream all the same, once", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  await using service = await serve(world);
  await rename(world, ann, "before");
  using first = await listen(service, ann);
  await first.until(named("ready"));
  const data = { task_id: newId(), project_id: null, key: null, title: "parked", version: 2, changes: [] };
  const parked = envelope("task.updated", data, { sequence: 2, subject: ann.user_id, actorid: ann.user_id });
  const letter = sql`insert into dead_letters
    (source, sequence, event_id, aggregate_id, type, envelope, reactions_due, parked_at) values
    ('projects', 2, ${parked.id}, ${ann.user_id}, 'task.updated', ${JSON.stringify(parked)}, 1, ${parked.time})`;
  const moved = sql`update cursors set prev = 1, seq = 2, parked = '1:1' where source = 'projects'`;
  await world.db.write([letter, moved]);
  await first.until(titled("parked"));
  expect(first.events.find(titled("parked"))?.data).toEqual({
    ...data,
    actor_id: ann.user_id,
    occurred_at: parked.time,
  });
  using again = await listen(service, ann, { after: first.events[0]?.id });
  await again.until(titled("parked"));
  expect(again.events).toHaveLength(1);
});
