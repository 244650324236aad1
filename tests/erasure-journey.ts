import { expect, test } from "bun:test";
import { Client, type Person, signUp } from "./client.ts";
import type { Stage } from "./journey.ts";
import { withinASecond } from "./within-a-second.ts";

interface Project {
  readonly id: string;
  readonly members: readonly { user_id: string }[];
}
interface Conversation {
  readonly id: string;
  readonly participants: readonly { user_id: string; username: string | null; full_name: string | null }[];
}

/** A user erases themselves, and the steps check what is left of them and where. Each step builds on those before. */
export function erasureJourney(stage: () => Stage): void {
  let fay: Person;
  let gil: Person;
  let project: Project;
  let task: { id: string };
  let conversation: Conversation;

  test("two users work and talk together", async () => {
    const base = stage().gatewayUrl;
    [fay, gil] = [await signUp(base, "fay"), await signUp(base, "gil")];
    project = await gil.must(201, "POST", "/api/v1/projects", { name: "Breakwater" });
    const members = `/api/v1/projects/${project.id}/users`;
    await gil.must(201, "POST", members, { username: fay.username, role: "developer" });
    const body = { title: "Drive the piles", project_id: project.id, assignee_ids: [fay.id] };
    task = await gil.must(201, "POST", "/api/v1/tasks", body);
    const direct = { type: "direct", participant_ids: [fay.id] };
    conversation = await gil.must(201, "POST", "/api/v1/conversations", direct);
  });

  test("a user who has erased themselves is refused by every service within a second", async () => {
    await fay.must(204, "DELETE", "/api/v1/auth/me", { password: fay.password });
    const { identity, projects, messaging } = stage().services;
    for (const url of [
      `${identity}/api/v1/auth/me`,
      `${projects}/api/v1/projects`,
      `${messaging}/api/v1/conversations`,
    ]) {
      const refused = async () => (await fetch(url, { headers: { authorization: `Bearer ${fay.token}` } })).status;
      await withinASecond(async () => (await refused()) === 401);
    }
  });

  test("they are removed from projects, and conversations show a former member", async () => {
    await withinASecond(async () => {
      const { members } = await gil.must<Project>(200, "GET", `/api/v1/projects/${project.id}`);
      return members.every(({ user_id }) => user_id === gil.id);
    });
    expect(await gil.must(200, "GET", `/api/v1/tasks/${task.id}`)).toMatchObject({ assignee_ids: [] });
    await withinASecond(async () => {
      const path = `/api/v1/conversations/${conversation.id}`;
      const { participants } = await gil.must<Conversation>(200, "GET", path);
      const left = participants.find(({ user_id }) => user_id === fay.id);
      return left?.username === null && left.full_name === "former member";
    });
    const found = await gil.must<{ items: unknown[] }>(200, "GET", `/api/v1/auth/directory?q=${fay.username}`);
    expect(found.items).toEqual([]);
  });

  test("their address and name can register again, as a new user without memberships", async () => {
    const anonymous = new Client(stage().gatewayUrl);
    const { username, password } = fay;
    const body = { email: `${username}@example.com`, username, password };
    const again = await anonymous.must<{ id: string }>(201, "POST", "/api/v1/auth/register", body);
    expect(again.id).not.toBe(fay.id);
    const tokens = await anonymous.must<{ access_token: string }>(200, "POST", "/api/v1/auth/login", {
      username,
      password,
    });
    const someone = new Client(stage().gatewayUrl, tokens.access_token);
    expect(await someone.must(200, "GET", "/api/v1/projects")).toMatchObject({ items: [] });
    expect((await someone.get(`/api/v1/conversations/${conversation.id}`)).status).toBe(403);
  });
}
