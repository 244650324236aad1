import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Project } from "../projects/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { startTeam, type Team } from "./team.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

const statuses = (answers: readonly { status: number }[]) => [...new Set(answers.map(({ status }) => status))];

test("100 moves into one gap at once all find a place", async () => {
  const { id: project_id } = await team.project("Gap");
  const tasks = await times(102, (index) => team.task(team.ada, { project_id, title: `${index}` }));
  const [first, last] = tasks;
  const moves = tasks.slice(2);
  const answers = await times(100, (index) =>
    team.ask<Task>("PATCH", `/tasks/${moves[index]?.id}/move`, { as: team.ada, body: { after_id: first?.id } }),
  );
  expect(statuses(answers)).toEqual([200]);
  const ranks = answers.map(({ body }) => body.rank);
  expect(new Set(ranks).size).toBe(100);
  const bounds = [(await team.read(first?.id ?? "")).rank, (await team.read(last?.id ?? "")).rank];
  expect(ranks.every((rank) => rank > (bounds[0] ?? "") && rank < (bounds[1] ?? ""))).toBe(true);
}, 60_000);

test("100 moves to another status at once all go through, and wait for no place", async () => {
  const { id: project_id } = await team.project("Status");
  const tasks = await times(100, (index) => team.task(team.ada, { project_id, title: `${index}` }));
  const answers = await times(100, (index) =>
    team.ask<Task>("PATCH", `/tasks/${tasks[index]?.id}/move`, { as: team.ada, body: { status: "in_review" } }),
  );
  expect(statuses(answers)).toEqual([200]);
  expect(new Set(answers.map(({ body }) => body.rank)).size).toBe(100);
  const { data } = await team.lastEvent(tasks[0]?.id ?? "");
  const moved = (data["changes"] as { field: string; to: string }[]).find(({ field }) => field === "rank");
  expect(moved?.to ?? tasks[0]?.rank).toBe((await team.read(tasks[0]?.id ?? "")).rank);
}, 60_000);

test("30 patches of one field at once all go through, each on what the one before left", async () => {
  const task = await team.task(team.ada, { project_id: (await team.project("Patch")).id });
  const answers = await times(30, (index) =>
    team.ask<Task>("PATCH", `/tasks/${task.id}`, { as: team.ada, body: { title: `Title ${index}` } }),
  );
  expect(statuses(answers)).toEqual([200]);
  expect(answers.map(({ body }) => body.version).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 30 }, (_, index) => index + 2),
  );
});

test("30 projects of one name at once each get a key of their own", async () => {
  const answers = await times(30, () =>
    team.ask<Project>("POST", "/projects", { as: team.ada, body: { name: "Harbour" } }),
  );
  expect(statuses(answers)).toEqual([201]);
  expect(new Set(answers.map(({ body }) => body.key)).size).toBe(30);
});
