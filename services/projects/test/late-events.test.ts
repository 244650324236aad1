import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { newId, raw, sql } from "@stoa/db";
import type { EventData } from "@stoa/events";
import { rowsOf } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import { startTeam, type Team } from "./team.ts";

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.close());

const early = "2020-01-01T00:00:00.000Z";

/** A project of an organization with Grace in it and a task of hers, all changed long after `early`. */
async function scene() {
  const { ada, grace } = team;
  const organization = { organization_id: newId(), name: "Engines" };
  await team.apply("organization.created", { ...organization, slug: newId(), owner_id: ada.user_id });
  const member = { ...organization, user_id: grace.user_id };
  await team.apply("organization.member_added", { ...member, role: "member", invitation_id: null });
  const body = { name: "Ours", organization_id: organization.organization_id };
  const { id } = (await team.ask<Project>("POST", "/projects", { as: ada, body })).body;
  await team.ask("POST", `/projects/${id}/users`, { as: ada, body: { username: "grace", role: "developer" } });
  const task = await team.task(ada, { project_id: id, assignee_ids: [grace.user_id] });
  return { organization, member, id, task };
}

const shown = async (id: string, task_id: string) =>
  rowsOf<{ updated_at: string; version: number }>(
    team.db,
    sql`select updated_at, version from projects where id = ${id}
      union all select updated_at, version from tasks where id = ${task_id}`,
  );

describe("an event of another service that comes late changes the row, and does not move its updated_at back", () => {
  test.each(["organization.member_removed", "organization.deleted", "user.erased"] as const)("%s", async (name) => {
    const { organization, member, id, task } = await scene();
    const before = await shown(id, task.id);
    const said = {
      "organization.member_removed": { ...member, role: "member" },
      "organization.deleted": organization,
      "user.erased": { user_id: member.user_id, session_ids: [] },
    } satisfies { [N in typeof name]: EventData<N> };
    await team.apply(name, said[name], early);
    const after = await shown(id, task.id);
    expect(after.map(({ updated_at }) => updated_at)).toEqual(before.map(({ updated_at }) => updated_at));
    expect(after.map(({ version }, index) => version - (before[index]?.version ?? 0))).toEqual([1, 1]);
  });

  test("whatever the handler: a database that refuses to go back takes them all", async () => {
    const { organization, member, id, task } = await scene();
    const refuse = (table: string) =>
      raw(`create trigger ${table}_never_back before update on ${table} when new.updated_at < old.updated_at
        begin select raise(abort, 'went back'); end`);
    await team.db.write([refuse("projects"), refuse("tasks")]);
    const { user_id } = member;
    await team.apply("user.updated", { user_id, username: "grace", full_name: "G" }, early);
    await team.apply("user.disabled", { user_id, session_ids: [] }, early);
    await team.apply("organization.member_removed", { ...member, role: "member" }, early);
    await team.apply("organization.deleted", organization, early);
    await team.apply("user.erased", { user_id: team.ada.user_id, session_ids: [] }, early);
    expect((await shown(id, task.id)).map(({ version }) => version > 1)).toEqual([true, true]);
  });
});
