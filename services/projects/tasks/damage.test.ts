import { afterAll, expect, test } from "bun:test";
import { raw, sql } from "@stoa/db";
import { startTeam } from "../test/team.ts";

const team = await startTeam();
afterAll(() => team.close());

/** The journal of projects has an index that reads the data, so SQLite lets nobody write what is no JSON there. */
const unindexed = [raw("drop index journal_personal"), raw("drop trigger journal_refuses_edit")];

test("damaged JSON of a task, of its history and of what changed since is a 500 whose log line names it", async () => {
  const { ada: as } = team;
  const task = await team.task(as, { labels: ["a"] });
  await team.ask("PATCH", `/tasks/${task.id}`, { as, body: { title: "Anew" } });
  await team.db.write([
    ...unindexed,
    sql`update journal set data = '{' where entity_id = ${task.id} and type = 'task.updated'`,
  ]);
  const refused = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const before = team.failures.length;
    const { status } = await team.ask(method, path, { as, headers, ...(body && { body }) });
    return [status, ...team.failures.slice(before).map((line) => JSON.stringify(line))];
  };
  const named = (place: string) => [500, expect.stringContaining(`${place} (${task.id}) is damaged: no JSON.`)];
  for (const query of ["", "?field=title", "?source=user"]) {
    expect(await refused("GET", `/tasks/${task.id}/logs${query}`)).toEqual(named("journal.data of projects, task"));
  }
  const stale = { "if-match": '"1"' };
  expect(await refused("PATCH", `/tasks/${task.id}`, { title: "Late" }, stale)).toEqual(
    named("journal.data of projects, entity"),
  );
  await team.db.write([sql`update tasks set labels = '[' where id = ${task.id}`]);
  expect(await refused("GET", `/tasks/${task.id}`)).toEqual(named("tasks.labels"));
});
