import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { createWorld } from "../../test/world.ts";
import { KEPT } from "../../work/table.ts";
import { PlaceLost } from "../feed.ts";
import { journalName, noJournal } from "../position.ts";
import { workFeed } from "./work.ts";

test("a stream that catches up by itself reads what may concern its user, and learns when its place is lost", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const feed = workFeed(world.db);
  const read = (user_id: string, after: number, journal: string = noJournal) =>
    feed.readFor(user_id, { journal, after, upTo: 100_000 });
  expect(await read(ann.user_id, 0)).toMatchObject({ journal: noJournal, deliveries: [], more: false });

  const [journal_id, task_id] = [newId(), newId()];
  const data = { task_id, project_id: null, key: null, title: "Mine", version: 2, changes: [] };
  await world.db.write([
    sql`insert into cursors (source, journal_id, prev, seq, event_id, reacted, parked)
      values ('projects', ${journal_id}, 0, 7, ${newId()}, 7, '0:0')
      on conflict (source) do update set journal_id = excluded.journal_id, prev = cursors.seq, seq = 7`,
    sql`insert into work_events (seq, type, aggregate_id, project_id, entity_id, also_id, owners, actor_id, time, data)
      values (7, 'task.updated', ${ann.user_id}, null, ${task_id}, null, null, ${ann.user_id},
        ${new Date().toISOString()}, ${JSON.stringify(data)})`,
  ]);
  const journal = journalName(journal_id);
  const own = await read(ann.user_id, 0, journal);
  expect(own.deliveries.map(({ seq, type, to }) => [seq, type, [...to.keys()]])).toEqual([
    [7, "task.updated", [ann.user_id]],
  ]);
  expect((await read(bob.user_id, 0, journal)).deliveries).toEqual([]);
  expect(await read(ann.user_id, 8, journal).catch((error: unknown) => error)).toBeInstanceOf(PlaceLost);
  expect(await read(ann.user_id, 0, "another").catch((error: unknown) => error)).toBeInstanceOf(PlaceLost);
  await world.db.write([sql`update cursors set prev = seq, seq = ${KEPT + 1} where source = 'projects'`]);
  expect(await read(ann.user_id, 0, journal).catch((error: unknown) => error)).toBeInstanceOf(PlaceLost);
});
