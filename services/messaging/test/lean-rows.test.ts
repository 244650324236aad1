import { expect, test } from "bun:test";
import { raw } from "@stoa/db";
import { migrate, rollback } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { temporaryDatabase } from "@stoa/testing";

const migrations = readMigrations("messaging");
const at = migrations.findIndex(({ tag }) => tag.endsWith("_lean_rows"));

test("the migration that makes tasks their own index keeps them all, undone and made again", async () => {
  await using stored = await temporaryDatabase("messaging");
  const { db } = stored;
  await db.write([
    raw(`insert into tasks (id, project_id, title, creator_id, version, trashed_at)
      values ('b', 'p', 'B', 'ada', 2, null), ('a', null, 'A', null, 1, '2026-11-20T09:00:00.000Z')`),
    raw("insert into task_assignees (task_id, user_id) values ('b', 'grace'), ('b', 'ada')"),
  ]);
  const rows = () =>
    Promise.all(
      ["select * from tasks order by id", "select * from task_assignees order by user_id"].map((text) =>
        db.query(raw(text)),
      ),
    );
  const first = await rows();
  expect(first.map((some) => some.length)).toEqual([2, 2]);
  await rollback(db, migrations, { to: migrations[at - 1]?.tag ?? null });
  expect(await rows()).toEqual(first);
  await migrate(db, migrations);
  expect(await rows()).toEqual(first);
});
