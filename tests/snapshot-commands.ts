import type { Person } from "./client.ts";
import type { Random } from "./random.ts";

/** Who does what to what, at random. */
export interface Play {
  readonly owner: Person;
  readonly reader: Person;
  readonly third: Person;
  /** The reader is in the first always, in the second at times, in the third never. */
  readonly projects: readonly [string, string, string];
  readonly group: string;
  readonly random: Random;
}

/** Makes one command after another: each is sent by someone, and may be refused, since the one before may forbid it. */
export function commandsOf({ owner, reader, third, projects, group, random }: Play): () => Promise<void> {
  const tasks: string[] = [];
  const messages: string[] = [];
  const worklogs: string[] = [];
  const [first, second] = projects;
  let count = 0;
  const send = async (as: Person, method: string, path: string, body?: unknown): Promise<string | undefined> => {
    const answer = await as.send(method, `/api/v1${path}`, body);
    if (answer.status >= 500) throw new Error(`${method} ${path} answered ${answer.status}`);
    return answer.status < 300 ? (answer.body["id"] as string | undefined) : undefined;
  };
  const kept = async (list: string[], id: Promise<string | undefined>, path = "") => {
    const made = await id;
    if (made !== undefined) list.push(path + made);
  };
  const one = () => `/tasks/${tasks.length > 0 ? random.pick(tasks) : "none"}`;
  const someone = () => random.pick([owner, reader]);
  const title = () => `${random.pick(["Weir", "Sluice", "Gate", "Lock"])} ${++count}`;
  const patch = () =>
    random.pick<object>([
      { title: title() },
      { description: title() },
      { priority: random.pick(["low", "medium", "high"]) },
      { labels: [title()] },
      { due_at: "2027-03-01T09:00:00.000Z", title: title() },
      { status: random.pick(["pending", "in_progress", "completed"]) },
      { assignee_ids: random.pick([[], [owner.id], [reader.id, owner.id]]), title: title() },
    ]);
  const create = () => {
    const project_id = random.pick([...projects, first, undefined]);
    return kept(tasks, send(project_id ? owner : reader, "POST", "/tasks", { title: title(), project_id }));
  };
  const member = `/projects/${second}/users/${reader.id}`;
  const join = () =>
    send(owner, "POST", `/projects/${second}/users`, {
      user_id: reader.id,
      role: random.pick(["viewer", "developer"]),
    });
  const commands: (() => Promise<unknown>)[] = [
    create,
    create,
    () => send(someone(), "PATCH", one(), patch()),
    () => send(owner, "PATCH", one(), patch()),
    () => send(owner, "PATCH", one(), patch()),
    () => send(someone(), "DELETE", one()),
    () => send(owner, "POST", `${one()}/restore`),
    () => send(owner, "PATCH", one(), { project_id: random.pick(projects) }),
    () => send(owner, "PATCH", `${one()}/move`, {}),
    () => kept(worklogs, send(owner, "POST", `${one()}/worklogs`, { minutes: 5 })),
    () => send(owner, "POST", `${one()}/links`, { type: "blocks", task_id: one().slice("/tasks/".length) }),
    () => send(owner, "PATCH", `/projects/${random.pick(projects)}`, { name: title() }),
    join,
    join,
    () => send(owner, "DELETE", member),
    () => send(owner, "DELETE", `/projects/${second}`),
    () => send(owner, "POST", `/projects/${second}/restore`),
    () => send(owner, "POST", `/projects/${second}/restore`),
    () => kept(messages, send(someone(), "POST", `/conversations/${group}/messages`, { content: title() })),
    () => kept(messages, send(owner, "POST", `/conversations/${group}/messages`, { content: title() })),
    () => send(owner, "PATCH", `/messages/${messages.at(-1) ?? "none"}`, { content: title() }),
    () => send(owner, "POST", `/conversations/${group}/read`, { seq: random.below(count + 1) }),
    () => send(third, "POST", `/conversations/${group}/read`, { seq: random.below(count + 1) }),
    () => send(owner, "PUT", `/conversations/${group}/participants/${third.id}`),
    () => send(owner, "DELETE", `/conversations/${group}/participants/${third.id}`),
    () => send(owner, "PUT", `/conversations/${group}/participants/${reader.id}`),
    () => random.below(3) === 0 && send(owner, "DELETE", `/conversations/${group}/participants/${reader.id}`),
  ].map((command) => async () => command());
  return async () => {
    await random.pick(commands)();
  };
}
