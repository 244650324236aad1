import { expect, test } from "bun:test";
import { openDatabase, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { unclaimed } from "@stoa/journal";
import { readOnce, rowsOf, startSqld, testActor } from "@stoa/testing";
import type { ListDeps, PeopleDeps } from "../deps.ts";
import { createLink } from "../links/create.ts";
import { putMember } from "../members/put.ts";
import { removeMember } from "../members/remove.ts";
import { createProject } from "../projects/create.ts";
import { changeTasks } from "../tasks/bulk.ts";
import { changeTask } from "../tasks/change.ts";
import { createTask } from "../tasks/create.ts";
import { listTasks } from "../tasks/list.ts";
import { readTask } from "../tasks/read.ts";
import { restoreTask } from "../tasks/restore.ts";
import { trashTask } from "../tasks/trash.ts";
import { recordWork } from "../worklogs/record.ts";

test("over sqld commands hold as they do on a file: in a crowd, in races, with search", async () => {
  await using sqld = await startSqld();
  const db = await openDatabase(sqld.url);
  await migrate(db, readMigrations("projects"));
  const [ada, grace] = [testActor("ada"), testActor("grace")];
  await db.write(
    [ada, grace].map(
      ({ user_id, username }) =>
        sql`insert into directory (user_id, username, is_active) values (${user_id}, ${username}, 1)`,
    ),
  );
  const deps: ListDeps & PeopleDeps = {
    db,
    now: () => new Date(),
    cursor_key: new Uint8Array(32),
    readYourWrites: readOnce,
  };
  const project = await createProject(deps, ada, { name: "Remote" }, unclaimed);
  const project_id = project?.id ?? "";
  await putMember(deps, ada, project_id, { username: "grace", role: "owner" }, unclaimed);

  const assignee_ids = [ada.user_id, grace.user_id];
  const titles = Array.from({ length: 300 }, (_, index) => `Über ${index}`);
  const made = await Promise.all(
    titles.map((title) => createTask(deps, ada, { title, project_id, assignee_ids }, unclaimed)),
  );
  expect(made.map((task) => task?.number ?? 0).sort((a, b) => a - b)).toEqual(made.map((_, index) => index + 1));
  expect(made.map((task) => task?.key)).toContain("REM-300");

  const leaving = [ada, grace].map((one) => removeMember(deps, one, project_id, one.user_id));
  const left = (await Promise.allSettled(leaving)).map(({ status }) => status);
  expect(left.toSorted()).toEqual(["fulfilled", "rejected"]);
  const [stays, gone] = left[0] === "rejected" ? [ada, grace] : [grace, ada];

  // 5, and 50 to 59.
  const { items, total } = await listTasks(deps, stays, {
    project_id: [project_id],
    q: "über 5",
    limit: 3,
    count: true,
  });
  expect(total).toBe(11);
  expect(items.map(({ assignee_ids, version }) => [assignee_ids.includes(gone.user_id), version])).toEqual([
    [false, 2],
    [false, 2],
    [false, 2],
  ]);

  const [task] = items;
  const id = task?.id ?? "";
  await Promise.all([changeTask(deps, stays, id, { title: "One" }), changeTask(deps, stays, id, { priority: "low" })]);
  await trashTask(deps, stays, id);
  expect(await restoreTask(deps, stays, id)).toMatchObject({
    title: "One",
    priority: "low",
    version: 6,
    deleted_at: null,
  });
  const [one, two] = made.slice(-2).map((last) => last?.id ?? "");
  const link = (from = "", to = "") => createLink(deps, stays, from, { type: "blocks", task_id: to }, unclaimed);
  const halves = await Promise.allSettled([link(one, two), link(two, one)]);
  expect(halves.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const [blocker = "", blocked = ""] = halves[0]?.status === "fulfilled" ? [one, two] : [two, one];
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => recordWork(deps, stays, blocked, { minutes: index + 1 }, unclaimed)),
  );
  expect(await readTask(db, stays, blocked)).toMatchObject({ is_blocked: true, logged_minutes: 210 });
  await changeTask(deps, stays, blocked, { parent_id: blocker });
  const other = await createProject(deps, stays, { name: "Other" }, unclaimed);
  const moved = { project_id: other?.id ?? "", status: "completed" } as const;
  expect(await changeTask(deps, stays, blocker, moved)).toMatchObject({ key: "OTH-1", status: "completed" });
  expect(await readTask(db, stays, blocked)).toMatchObject({ is_blocked: false, number: 2, parent_id: blocker });
  const ids = [blocked, ...made.slice(0, 50).map((first) => first?.id ?? "")].filter((first) => first !== id);
  const bulk = await changeTasks(deps, stays, { ids, patch: { ...moved, labels: ["moved"] } });
  expect(new Set(bulk.map((task) => task.number)).size).toBe(ids.length);

  const [journal] = await rowsOf<{ rows: number; last: number }>(
    db,
    sql`select count(*) as rows, max(seq) as last from journal`,
  );
  expect(journal?.last).toBe(journal?.rows);
  db.close();
}, 20_000);
