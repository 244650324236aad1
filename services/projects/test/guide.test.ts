import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@stoa/http";
import type { Task } from "../tasks/schema.ts";
import { startTeam, type Team } from "./team.ts";

const guide = readFileSync(join(import.meta.dir, "../../../docs/projects.md"), "utf8");

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

const queries = [...guide.matchAll(/^GET \/tasks\?(.+)$/gm)].map(([, query = ""]) => query);

test.each(queries)("the guide's GET /tasks?%s is answered", async (query) => {
  const { status } = await team.ask("GET", `/tasks?${encodeURI(query)}`, { as: team.ada });
  expect(status).toBe(200);
});

const searches = [...guide.matchAll(/^\| (.+?) +\| `(.+?)` +\| (yes|no) +\|$/gm)].map(([, ...cells]) => cells);

test.each(searches)("in %p the search for %p finds what the guide says: %s", async (title, q, found) => {
  const { id: project_id } = await team.project();
  await team.task(team.ada, { title, project_id });
  const path = `/tasks?project_id=${project_id}&q=${encodeURIComponent(q)}`;
  const { body } = await team.ask<Page<Task>>("GET", path, { as: team.ada });
  expect(body.items.length).toBe(found === "yes" ? 1 : 0);
});

test("the guide has examples of both", () => {
  expect([queries.length, searches.length].every((count) => count > 5)).toBe(true);
});
