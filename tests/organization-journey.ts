import { expect, test } from "bun:test";
import { type Person, signUp } from "./client.ts";
import type { Stage } from "./journey.ts";
import { withinASecond } from "./within-a-second.ts";

interface Project {
  readonly id: string;
  readonly role: string;
  readonly organization_id: string | null;
  readonly deleted_at: string | null;
}

/** An organization and its projects, from creation to deletion. Each step builds on those before. */
export function organizationJourney(stage: () => Stage): void {
  let dora: Person;
  let emil: Person;
  let organization: { id: string };
  let project: Project;

  const asSeenBy = (person: Person) => person.get<Project>(`/api/v1/projects/${project.id}`);

  test("a user who has created an organization can create a project in it at once", async () => {
    const base = stage().gatewayUrl;
    [dora, emil] = [await signUp(base, "dora"), await signUp(base, "emil")];
    organization = await dora.must(201, "POST", "/api/v1/organizations", { name: "Harbour Works" });
    const body = { name: "Quay", organization_id: organization.id };
    project = await dora.must<Project>(201, "POST", "/api/v1/projects", body);
    expect(project).toMatchObject({ organization_id: organization.id, role: "owner" });
    expect((await asSeenBy(emil)).status).toBe(403);
  });

  test("within a second its members may read the project, its admins may change it, and former members see nothing", async () => {
    const members = `/api/v1/organizations/${organization.id}/members`;
    await dora.must(201, "POST", members, { username: emil.username, role: "member" });
    await withinASecond(async () => (await asSeenBy(emil)).body.role === "viewer");
    await dora.must(200, "PATCH", `${members}/${emil.id}`, { role: "admin" });
    await withinASecond(async () => (await asSeenBy(emil)).body.role === "owner");
    await emil.must(200, "PATCH", `/api/v1/projects/${project.id}`, { description: "Stone" });
    await emil.must(204, "DELETE", `${members}/${emil.id}`);
    await withinASecond(async () => (await asSeenBy(emil)).status === 403);
  });

  test("deleting the organization moves its project to the trash within a second, once, and it can be restored", async () => {
    await dora.must(204, "DELETE", `/api/v1/organizations/${organization.id}`);
    await withinASecond(async () => (await asSeenBy(dora)).body.deleted_at !== null);
    const restored = await dora.must<Project>(200, "POST", `/api/v1/projects/${project.id}/restore`);
    expect(restored.deleted_at).toBeNull();
  });
}
