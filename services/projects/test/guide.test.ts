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

test("the commands of docs/projects.md do what it says", async () => {
  // The first block logs in, which is identity's to test.
  const [, ...blocks] = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  expect(blocks.length).toBeGreaterThan(4);
  await using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: team.app.fetch });
  const script = `set -euo pipefail
    curl() { command curl --fail-with-body "$@"; }
    API=http://127.0.0.1:${server.port}/api/v1
    JSON='content-type: application/json'
    field() { grep -o "\\"$1\\":\\"[^\\"]*" | head -n 1 | cut -d'"' -f4; }
    ANA='authorization: Bearer ${team.ada.token_id}'
    ${blocks.join("\n")}
    curl -s $API/tasks/$TASK -H "$ANA" >&2`;
  const run = Bun.spawn(["bash", "-c", script], { stdout: "pipe", stderr: "pipe" });
  const [said, last] = [await new Response(run.stdout).text(), await new Response(run.stderr).text()];
  expect([await run.exited, said]).toEqual([0, expect.stringContaining("logged_minutes")]);
  expect(JSON.parse(last)).toMatchObject({ key: "GEM-1", status: "completed", logged_minutes: 60, is_blocked: false });
});
