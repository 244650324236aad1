import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Task } from "../tasks/schema.ts";
import { startTeam, type Team } from "../test/team.ts";

/** The examples of docs/reports.md, made to happen and asked for. */
const text = readFileSync(new URL("../../../docs/reports.md", import.meta.url), "utf8");
const happenings = [...text.matchAll(/^\| (\d{4}-\S+Z) \| (\w) +\| (.*?) +\|$/gm)].map(
  ([, time = "", name = "", what = ""]) => ({
    time,
    name,
    what,
  }),
);
const answers = [...text.matchAll(/^`GET …(\/reports\/\S+)`\n\n```json\n(.*?)^```$/gms)].map(
  ([, path = "", json = ""]) => [path, json] as const,
);

let team: Team;
let project_id: string;
const ids = new Map<string, string>();

beforeAll(async () => {
  team = await startTeam();
  team.setClock("2026-11-19T07:00:00.000Z");
  project_id = (await team.project()).id;
  for (const name of ["ada", "grace"] as const) ids.set(name, team[name].user_id);
  for (const { time, name, what } of happenings) {
    team.setClock(time);
    await happen(name, what);
  }
  team.setClock("2026-11-23T10:00:00.000Z");
});
afterAll(() => team.close());

async function happen(name: string, what: string): Promise<void> {
  const { ada: as } = team;
  const id = ids.get(name);
  if (what.startsWith("created")) {
    const [, people = ""] = /for ([a-z, ]+),/.exec(what) ?? [];
    const [, minutes] = /(\d+) minutes/.exec(what) ?? [];
    const [, due_at = null] = /due (\S+)/.exec(what) ?? [];
    const body = {
      project_id,
      assignee_ids: people.split(", ").flatMap((person) => ids.get(person) ?? []),
      estimate_minutes: minutes === undefined ? null : Number(minutes),
      due_at,
    };
    ids.set(name, (await team.task(as, body)).id);
    return;
  }
  const { status } =
    what === "trashed"
      ? await team.ask("DELETE", `/tasks/${id}`, { as })
      : what === "restored" || what === "reopened"
        ? await team.ask("POST", `/tasks/${id}/${what === "restored" ? "restore" : "reopen"}`, { as })
        : await team.ask<Task>("PATCH", `/tasks/${id}`, { as, body: { status: what } });
  expect([200, 204]).toContain(status);
}

test("there are events, and an answer of each report", () => {
  expect(happenings).toHaveLength(13);
  const reports = answers.map(([path]) => /\/reports\/([a-z-]+)/.exec(path)?.[1]);
  expect([...new Set(reports)].sort()).toEqual(
    ["burndown", "cumulative-flow", "cycle-time", "overdue", "summary", "throughput", "workload"].sort(),
  );
});

test.each(answers)("%s answers what docs/reports.md says", async (path, json) => {
  const { status, body } = await team.ask<object>("GET", `/projects/${project_id}${path}`, { as: team.linus });
  let found = JSON.stringify(body);
  for (const [name, id] of ids) found = found.replaceAll(id, name);
  expect([status, JSON.parse(found)]).toEqual([200, { project_id, ...JSON.parse(json) }]);
});
