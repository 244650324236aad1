import { expect, test } from "bun:test";
import { raw } from "@stoa/db";
import { migrate, rollback } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { keepReports } from "../reports/keep.ts";
import { startTeam } from "./team.ts";

const migrations = readMigrations("projects");
const [before = ""] = migrations
  .map(({ tag }) => tag)
  .filter((_, index) => migrations[index + 1]?.tag.endsWith("_lean_rows"));

/** Everything of the tables that the migration makes anew; a counter's number is its scope's, which numbers it. */
const kept = [
  "select t.*, c.scope_id from tasks t left join counters c on c.row = t.scope order by t.row",
  "select scope_id, last_number, last_place from counters order by scope_id",
  "select * from report_tasks order by row",
  "select * from task_assignees order by task_row",
  "select * from task_labels order by task_row",
];

test("the migration that makes rows smaller keeps them all, undone and made again", async () => {
  const team = await startTeam();
  const { db, ada } = team;
  const [one, two] = [await team.project("One"), await team.project("Two")];
  const due_at = "2030-01-01T00:00:00.000Z";
  const moved = await team.task(ada, { project_id: one.id, due_at, assignee_ids: [ada.user_id], labels: ["weir"] });
  await team.task(ada, { project_id: two.id, status: "completed" });
  const own = await team.task(ada, { title: "Mine" });
  await team.ask("PATCH", `/tasks/${moved.id}`, { as: ada, body: { project_id: two.id } });
  await team.ask("DELETE", `/tasks/${own.id}`, { as: ada });
  await keepReports(db);
  const rows = () =>
    Promise.all(kept.map(async (text) => (await db.query(raw(text))).map(({ scope: _number, ...row }) => row)));
  const first = await rows();
  expect(first.map((some) => some.length)).toEqual([3, 3, 3, 1, 1]);

  await rollback(db, migrations, { to: before });
  const undone = await db.query(
    raw("select task_id, project_id, due_row is not null as due from report_tasks order by task_id"),
  );
  expect(undone).toEqual([
    { task_id: moved.id, project_id: two.id, due: 1 },
    { task_id: expect.any(String), project_id: two.id, due: 0 },
    { task_id: own.id, project_id: null, due: 0 },
  ]);
  await migrate(db, migrations);
  expect(await rows()).toEqual(first);
  await team.close();
});
