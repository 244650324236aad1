import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { OrganizationRole } from "@stoa/events";
import { intercepted, type Problem, rowsOf } from "@stoa/testing";
import { changeProject } from "../projects/change.ts";
import type { Project } from "../projects/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

/** Ada owns it, Grace is admin, and the others are plain members. */
async function organize(...plain: readonly Person[]) {
  const organization = { organization_id: newId(), name: "Engines" };
  const { ada, grace } = team;
  await team.apply("organization.created", {
    ...organization,
    slug: organization.organization_id,
    owner_id: ada.user_id,
  });
  const join = (someone: Person, role: OrganizationRole) =>
    team.apply("organization.member_added", { ...organization, user_id: someone.user_id, role, invitation_id: null });
  await join(grace, "admin");
  for (const one of plain) await join(one, "member");
  const leave = (someone: Person, time?: string) =>
    team.apply("organization.member_removed", { ...organization, user_id: someone.user_id, role: "member" }, time);
  return { ...organization, leave };
}

const create = async (as: Person, body: object) => (await team.ask<Project>("POST", "/projects", { as, body })).body;
const move = (as: Person, id: string, organization_id: string | null, headers = {}) =>
  team.ask<Problem>("PATCH", `/projects/${id}`, { as, body: { organization_id }, headers });

describe("taking a project out of an organization", () => {
  test("is for its owners and admins and for superusers; 403 for a plain member who owns the project", async () => {
    const { ada, grace, linus, root } = team;
    const { organization_id } = await organize(linus);
    const { id } = await create(linus, { name: "Valve", organization_id });
    const refused = await move(linus, id, null);
    expect([refused.status, refused.body.error_code]).toEqual([403, "forbidden"]);
    for (const as of [grace, ada, root]) {
      expect((await move(as, id, null)).status).toBe(200);
      // Moving it in is its owner's to do, who may have projects there.
      expect((await move(linus, id, organization_id)).status).toBe(200);
    }
  });

  test("into another organization wants the right in both", async () => {
    const { ada, grace, linus, eve } = team;
    const [from, to] = [await organize(linus, eve), await organize(eve)];
    const { id } = await create(linus, { name: "Valve", organization_id: from.organization_id });
    // Linus owns the project and is no member there; Eve is a member of both, and owns nothing.
    expect((await move(linus, id, to.organization_id)).status).toBe(403);
    expect((await move(eve, id, to.organization_id)).status).toBe(403);
    const theirs = { organization_id: newId(), name: "Theirs" };
    await team.apply("organization.created", { ...theirs, slug: theirs.organization_id, owner_id: eve.user_id });
    expect((await move(grace, id, theirs.organization_id)).status).toBe(403);
    expect((await move(grace, id, to.organization_id)).status).toBe(200);
    expect((await move(ada, id, from.organization_id)).status).toBe(200);
  });

  test("is refused before a stale If-Match is; the same organization again is no change", async () => {
    const { linus } = team;
    const { organization_id } = await organize(linus);
    const { id, version } = await create(linus, { name: "Valve", organization_id });
    expect((await move(linus, id, null, { "if-match": '"99"' })).status).toBe(403);
    expect(await move(linus, id, organization_id)).toMatchObject({ status: 200, body: { version } });
  });

  test("is refused to an admin who loses the role while the request runs", async () => {
    const { ada, grace } = team;
    const organization = await organize();
    const { id } = await create(ada, { name: "Valve", organization_id: organization.organization_id });
    let lost = 0;
    const racing = intercepted(team.deps.db, {
      write: async ([statement]) => {
        if (!statement?.args.includes("project.updated") || lost++ > 0) return;
        await organization.leave(grace);
      },
    });
    await team.ask("POST", `/projects/${id}/users`, { as: ada, body: { username: "grace", role: "owner" } });
    const moving = changeProject({ ...team.deps, db: racing }, grace.actor, id, { organization_id: null });
    expect(await moving.catch((error: unknown) => error)).toMatchObject({ code: "forbidden" });
    expect(lost).toBe(1);
  });

  test("of a deleted one is for the project's owners; not while organizations are only being built anew", async () => {
    const { ada, linus } = team;
    const organization = await organize(linus);
    const { id } = await create(linus, { name: "Valve", organization_id: organization.organization_id });
    const gone = sql`delete from organizations where organization_id = ${organization.organization_id}`;
    const rebuilding = sql`insert into cursors (source, journal_id, prev, seq, reacted, parked)
      values ('identity', 'j', 0, 0, 9, '0:0')`;
    await team.db.write([gone, rebuilding]);
    expect((await move(linus, id, null)).status).toBe(403);
    await team.db.write([sql`delete from cursors`]);
    expect((await move(linus, id, null)).status).toBe(200);
    expect((await move(ada, id, null)).status).toBe(403);
  });
});

describe("organization.member_removed", () => {
  test("ends their memberships of its projects and their assignments there, each with an event, and no others", async () => {
    const { ada, grace, linus } = team;
    const organization = await organize(linus);
    const { organization_id } = organization;
    const ours = await create(ada, { name: "Ours", organization_id });
    const trashed = await create(linus, { name: "Trashed", organization_id });
    const alone = await create(linus, { name: "Alone", organization_id });
    const elsewhere = await create(linus, { name: "Elsewhere" });
    await team.ask("POST", `/projects/${ours.id}/users`, { as: ada, body: { username: "linus", role: "developer" } });
    const assignee_ids = [ada.user_id, linus.user_id];
    const task = await team.task(ada, { project_id: ours.id, assignee_ids });
    const other = await team.task(linus, { project_id: elsewhere.id, assignee_ids: [linus.user_id] });
    await team.ask("DELETE", `/projects/${trashed.id}`, { as: linus });

    await organization.leave(linus);

    const all = [ours, trashed, alone, elsewhere];
    const seen = [];
    for (const { id } of all) seen.push((await team.ask("GET", `/projects/${id}`, { as: linus })).status);
    expect(seen).toEqual([403, 404, 403, 200]);
    for (const { id, version } of [ours, alone]) {
      const { body } = await team.ask<Project>("GET", `/projects/${id}`, { as: grace });
      expect(body.members.some(({ user_id }) => user_id === linus.user_id)).toBe(false);
      expect(body.version).toBeGreaterThan(version);
      const last = await team.lastEvent(id);
      expect(last).toMatchObject({
        type: "project.member_removed",
        data: { user_id: linus.user_id, version: body.version },
      });
    }
    expect((await team.journal(trashed.id)).at(-1)?.type).toBe("project.member_removed");
    expect(await team.read(task.id)).toMatchObject({ assignee_ids: [ada.user_id], version: 2 });
    expect(await team.lastEvent(task.id)).toMatchObject({
      type: "task.unassigned",
      data: { user_ids: [linus.user_id] },
    });
    expect(await team.read(other.id, linus)).toMatchObject({ assignee_ids: [linus.user_id], version: 1 });
    const [said] = await rowsOf(
      team.db,
      sql`select count(*) as n, max(organization_id) as organization_id from journal
        where type = 'project.member_removed' and data ->> 'user_id' = ${linus.user_id} and organization_id = ${organization_id}`,
    );
    expect(said).toEqual({ n: 3, organization_id });
    // Nobody owns it but through the organization, whose owners make another.
    const put = { as: grace, body: { username: "grace", role: "owner" } };
    expect((await team.ask("POST", `/projects/${alone.id}/users`, put)).status).toBe(201);
  });

  test("once more changes nothing, and someone who was in none of them stays where they are", async () => {
    const { ada, linus } = team;
    const organization = await organize(linus);
    const { id } = await create(ada, { name: "Ours", organization_id: organization.organization_id });
    await organization.leave(linus);
    await organization.leave(linus);
    expect((await team.journal(id)).map(({ type }) => type)).toEqual(["project.created"]);
  });
});
