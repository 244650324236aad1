import type { Place } from "@stoa/testing";
import type { ProjectsDeps } from "../deps.ts";
import type { Project } from "../projects/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { type Person, startWorld } from "./world.ts";

/** Ada owns a project, Grace develops in it, Linus looks on, Eve has nothing to do with it, Root is a superuser. */
export async function startTeam(of: Partial<Pick<ProjectsDeps, "identity">> = {}, place?: Place) {
  const world = await startWorld(of, place);
  const [ada, grace, linus] = [await world.person("ada"), await world.person("grace"), await world.person("linus")];
  const [eve, root] = [await world.person("eve"), await world.person("root", { superuser: true })];

  async function project(name = "Team"): Promise<Project> {
    const { body } = await world.ask<Project>("POST", "/projects", { as: ada, body: { name } });
    for (const [username, role] of [
      ["grace", "developer"],
      ["linus", "viewer"],
    ]) {
      await world.ask("POST", `/projects/${body.id}/users`, { as: ada, body: { username, role } });
    }
    return body;
  }

  const task = async (as: Person, body: object) =>
    (await world.ask<Task>("POST", "/tasks", { as, body: { title: "A task", ...body } })).body;
  const read = async (id: string, as: Person = ada) => (await world.ask<Task>("GET", `/tasks/${id}`, { as })).body;

  /** The statuses with which a request is answered, one for each user. */
  async function statuses(
    method: string,
    path: string,
    people: readonly (Person | null)[],
    body?: unknown,
  ): Promise<number[]> {
    const found: number[] = [];
    for (const as of people) found.push((await world.ask(method, path, { as, body })).status);
    return found;
  }

  /** The last event about a thing. */
  async function lastEvent(
    id: string,
  ): Promise<{ type: string; actor_id: string | null; data: Record<string, unknown> }> {
    const row = (await world.journal(id)).at(-1);
    if (!row) throw new Error("Nothing was said about it.");
    return { type: row.type, actor_id: row.actor_id, data: JSON.parse(row.data) };
  }

  return { ...world, ada, grace, linus, eve, root, project, task, read, statuses, lastEvent };
}

/** A world with a team in it. */
export type Team = Awaited<ReturnType<typeof startTeam>>;
