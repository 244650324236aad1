import { itemsOf, type Person, type Resource, type Stage } from "./stage.ts";

/** One of each resource, and users who have to do with them. */
export interface Scenery {
  /** A superuser who is a member of everything, so that a request is never refused for lack of rights. */
  readonly root: Person;
  readonly member: Person;
  readonly stranger: Person;
  /** The path parameters, by the first segment of the path: `tasks` → `{id: …}`. */
  readonly params: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A cursor from a response of `GET /tasks`. */
  readonly cursor: string;
  /** Ids of every kind. */
  readonly ids: readonly string[];
}

/** Creates one of each resource. */
export async function scenery(stage: Stage): Promise<Scenery> {
  const root = await stage.root();
  const [member, stranger] = [await stage.person(), await stage.person()];
  const { token } = root;
  const project = await stage.must("POST /projects", { token, json: { name: "Apollo" } });
  const inProject = { id: project.id, user_id: member.id };
  await stage.must("POST /projects/:id/users", {
    token,
    params: inProject,
    json: { user_id: member.id, role: "developer" },
  });
  const view = await stage.must("POST /projects/:id/views", {
    token,
    params: inProject,
    json: { name: "Late", filter: { overdue: true } },
  });
  const webhook = await stage.must("POST /projects/:id/webhooks", {
    token,
    params: inProject,
    json: { url: "https://hooks.example.com/", events: ["task.created"] },
  });
  const json = { title: "Write it down", project_id: project.id, assignee_ids: [member.id] };
  const task = await stage.must("POST /tasks", { token, json });
  const worklog = await stage.must("POST /tasks/:id/worklogs", {
    token,
    params: { id: task.id },
    json: { minutes: 30 },
  });
  const other = await stage.must("POST /tasks", { token, json: { title: "Read it" } });
  const link = await stage.must("POST /tasks/:id/links", {
    token,
    params: { id: task.id },
    json: { type: "relates_to", task_id: other.id },
  });
  const { next_cursor } = await stage.must("GET /tasks", { token, search: "limit=1" });
  const group = await stage.must("POST /conversations", {
    token,
    json: { type: "group", title: "Launch", participant_ids: [member.id] },
  });
  const message = await stage.must("POST /conversations/:id/messages", {
    token,
    params: { id: group.id },
    json: { content: "The plan is ready." },
  });
  const report = await stage.must("POST /messages/:id/report", {
    token,
    params: { id: message.id },
    json: { reason: "It is not." },
  });
  const assistant = await stage.must("POST /conversations/:id/assistants", {
    token,
    params: { id: group.id },
    json: { name: "helper", model: "small", trigger: "mention" },
  });
  const role = await stage.must("POST /auth/roles", { token, json: { name: "auditor" } });
  const organization = await stage.must("POST /organizations", { token, json: { name: "Engines" } });
  const inOrganization = { id: organization.id, user_id: member.id };
  await stage.must("POST /organizations/:id/members", {
    token,
    params: inOrganization,
    json: { user_id: member.id, role: "member" },
  });
  const invitation = await stage.must("POST /organizations/:id/invitations", {
    token,
    params: inOrganization,
    json: { email: "guest@example.com", role: "member" },
  });
  // The superuser is invited, too: only whoever has the address may accept or decline.
  await stage.must("PATCH /auth/users/:id", { token, params: { id: root.id }, json: { email_verified: true } });
  const looms = await stage.must("POST /organizations", { token: member.token, json: { name: "Looms" } });
  const own = await stage.must("POST /organizations/:id/invitations", {
    token: member.token,
    params: { id: looms.id },
    json: { email: (await stage.must("GET /auth/me", { token }))["email"], role: "member" },
  });
  const direct = await firstOf(stage, "GET /conversations", token);
  const backup = await stage.must("POST /admin/backups", { token });
  const params = {
    backups: { id: backup.id },
    projects: { ...inProject, view_id: view.id, webhook_id: webhook.id, delivery_id: webhook.id },
    tasks: { id: task.id, worklog_id: worklog.id, link_id: link.id },
    conversations: { id: group.id, user_id: member.id, assistant_id: assistant.id },
    messages: { id: message.id, emoji: encodeURIComponent("👍") },
    reports: { id: report.id },
    blocks: { user_id: member.id },
    users: { id: member.id, session_id: member.session_id },
    roles: { id: role.id },
    sessions: { id: root.session_id },
    organizations: { ...inOrganization, invitation_id: invitation.id },
    invitations: { id: own.id },
  };
  const ids = [project, view, webhook, task, group, assistant, message, role, organization, direct].map(({ id }) => id);
  return { root, member, stranger, params, cursor: String(next_cursor), ids: [...ids, member.id, root.session_id] };
}

async function firstOf(stage: Stage, name: string, token: string): Promise<Resource> {
  const [first] = itemsOf(await stage.caller.ask(stage.operation(name), { token }));
  if (!first) throw new Error(`${name} is empty.`);
  return first;
}

/** The values of an operation's path parameters: those of the last resource before a parameter. */
export function paramsOf(path: string, params: Scenery["params"]): Readonly<Record<string, string>> {
  const parts = path.split("/");
  const resource =
    parts.findLast((_, i) => parts[i + 1] === ":id") ?? parts.find((_, i) => parts[i + 1]?.startsWith(":"));
  return (resource !== undefined && params[resource]) || {};
}
