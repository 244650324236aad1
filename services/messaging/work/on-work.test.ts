import { expect, test } from "bun:test";
import { type Database, newId, sql } from "@stoa/db";
import { applyEvent, envelope, rowsOf } from "@stoa/testing";
import { createWorld } from "../test/world.ts";
import { workHandlers } from "./on-work.ts";
import { FORGOTTEN, KEPT } from "./table.ts";

const happened = (db: Database, sequence: number) =>
  applyEvent(
    db,
    workHandlers,
    envelope(
      "task.trashed",
      { task_id: newId(), project_id: null, key: null, title: "Write", version: 2 },
      { sequence },
    ),
  );

const kept = async (db: Database) =>
  (await rowsOf<{ seq: number }>(db, sql`select seq from work_events order by seq`)).map(({ seq }) => seq);

test("every hundredth event takes out what is too old, so that what is kept depends on their numbers alone", async () => {
  await using world = await createWorld();
  const { db } = world;
  for (const sequence of [1, 2, FORGOTTEN, FORGOTTEN + 1]) await happened(db, sequence);
  await happened(db, KEPT + FORGOTTEN - 1);
  expect(await kept(db)).toEqual([1, 2, FORGOTTEN, FORGOTTEN + 1, KEPT + FORGOTTEN - 1]);
  await happened(db, KEPT + FORGOTTEN);
  expect(await kept(db)).toEqual([FORGOTTEN + 1, KEPT + FORGOTTEN - 1, KEPT + FORGOTTEN]);
});
