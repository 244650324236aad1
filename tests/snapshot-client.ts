import type { Person } from "./client.ts";
import type { StreamEvent } from "./event-stream.ts";

/** What a client reads events from: an event stream, or a socket that carries the same. */
export interface LiveReader {
  readonly events: readonly StreamEvent[];
  cut(): void;
}

/** Opens one as a user, after a position or from now on. */
export type OpenReader = (person: Person, after?: string) => Promise<LiveReader>;

interface Change {
  readonly field: string;
  readonly to: unknown;
}
type Fields = Record<string, unknown>;
type Data = Fields & { readonly changes?: readonly Change[]; readonly version?: number };

/** What a user sees, by id. */
export interface Snapshot {
  readonly projects: Map<string, Fields>;
  readonly tasks: Map<string, Fields>;
  readonly people: Map<string, Fields>;
  readonly messages: Map<string, Fields>;
}

const taskFields = ["title", "description", "status", "priority", "parent_id", "assignee_ids", "labels", "due_at"];
const shownOfTask = [...taskFields, "project_id", "key", "logged_minutes", "is_blocked", "version"];
const newTask: Fields = {
  description: null,
  status: "pending",
  priority: "medium",
  parent_id: null,
  assignee_ids: [],
  labels: [],
  due_at: null,
  logged_minutes: 0,
  is_blocked: false,
};

/**
 * A client as an application would write it: it reads everything once, and then lives on events alone. It GETs only what
 * comes into its sight, as the guide to the events says.
 */
export class SnapshotClient {
  state: Snapshot = empty();
  /** The titles of tasks and the contents of messages that came. */
  readonly heard = new Set<unknown>();
  /** How many events were applied, over all connections. */
  applied = 0;
  #reader: LiveReader | undefined;
  #taken = 0;
  #last: string | undefined;

  constructor(
    private readonly person: Person,
    private readonly group: string,
    private readonly open: OpenReader,
  ) {}

  /** Cuts the connection, if there is one, and goes on after the last event that was applied. */
  async connect(): Promise<void> {
    this.#reader?.cut();
    this.#reader = await this.open(this.person, this.#last);
    this.#taken = 0;
  }

  cut(): void {
    this.#reader?.cut();
  }

  /** Applies what has come. */
  async apply(): Promise<void> {
    const reader = this.#reader;
    while (reader && this.#taken < reader.events.length) {
      const event = reader.events[this.#taken++];
      if (!event) return;
      await this.#take(event.event, event.data);
      this.#last = event.id;
      this.applied++;
    }
  }

  async #take(event: string, data: Data): Promise<void> {
    this.heard.add(data["title"]).add(data["content"]);
    if (event === "ready") this.state = await snapshot(this.person, this.group);
    else if (event === "reset") throw new Error("The stream could not go on.");
    else if (event === "access.lost") this.#lose(data["object"] as { type: string; id: string });
    else if (event.startsWith("project.")) await this.#project(event, data);
    else if (/^(?:task|worklog|link)\./.test(event)) await this.#task(event, data);
    else if (data["conversation_id"] === this.group) await this.#conversation(event, data);
  }

  #lose({ type, id }: { type: string; id: string }): void {
    const { projects, tasks } = this.state;
    if (type === "task") tasks.delete(id);
    if (type !== "project") return;
    projects.delete(id);
    for (const [task_id, task] of tasks) if (task["project_id"] === id) tasks.delete(task_id);
  }

  async #project(event: string, data: Data): Promise<void> {
    const id = String(data["project_id"]);
    const known = this.state.projects.get(id);
    const comes = event === "project.created" || event === "project.restored";
    if (comes || (event === "project.member_added" && data["user_id"] === this.person.id)) {
      return readProject(this.person, id, this.state);
    }
    if (event === "project.trashed") return this.#lose({ type: "project", id });
    if (!known || (data.version ?? 0) < Number(known["version"])) return;
    known["version"] = data.version;
    const members = known["members"] as Record<string, unknown>;
    const user = String(data["user_id"]);
    if (event === "project.updated") assign(known, data);
    if (event === "project.member_added") members[user] = data["role"];
    if (event === "project.member_role_changed") members[user] = data["to"];
    if (event === "project.member_removed") delete members[user];
  }

  async #task(event: string, data: Data): Promise<void> {
    const { tasks } = this.state;
    const id = String(data["task_id"]);
    const known = tasks.get(id);
    if (event === "task.trashed" || event === "task.purged") return void tasks.delete(id);
    if (event === "task.created" && !known) {
      const { title, project_id, key, version } = data;
      tasks.set(id, assign({ ...newTask, title, project_id, key, version }, data));
    } else if (event === "task.restored" || (event === "task.moved_project" && !known)) {
      const answer = await this.person.get(`/api/v1/tasks/${id}`);
      if (answer.status === 200 && answer.body["deleted_at"] === null) tasks.set(id, pick(answer.body, shownOfTask));
    } else if (known && (data.version ?? 0) >= Number(known["version"])) {
      assign(known, data)["version"] = data.version;
    }
  }

  async #conversation(event: string, data: Data): Promise<void> {
    const { people, messages } = this.state;
    const user_id = String(data["user_id"]);
    const me = user_id === this.person.id;
    if (event.startsWith("message.")) messages.set(String(data["id"]), shownOfMessage(data));
    if (event === "message.sent") read(people, String(data["sender_id"]), Number(data["seq"]));
    if (event === "read.moved") read(people, user_id, Number(data["seq"]));
    if (event === "conversation.participant_added") {
      if (me) await readGroup(this.person, this.group, this.state);
      else people.set(user_id, shownOfPerson(data["participant"] as Fields));
    }
    if (event === "conversation.participant_removed") {
      people.delete(user_id);
      if (me) for (const all of [people, messages]) all.clear();
    }
    if (event === "conversation.owner_changed") {
      for (const [id, person] of people) person["role"] = id === user_id ? "owner" : "member";
    }
  }
}

const empty = (): Snapshot => ({ projects: new Map(), tasks: new Map(), people: new Map(), messages: new Map() });

/** Reads all that a user sees: their projects with tasks, their personal tasks, and a group with what was said in it. */
export async function snapshot(person: Person, group: string): Promise<Snapshot> {
  const all = empty();
  const { items } = await person.must<{ items: { id: string }[] }>(200, "GET", "/api/v1/projects?limit=100");
  for (const { id } of items) await readProject(person, id, all);
  const tasks = await person.must<{ items: Fields[] }>(200, "GET", "/api/v1/tasks?limit=100");
  for (const task of tasks.items) all.tasks.set(String(task["id"]), pick(task, shownOfTask));
  await readGroup(person, group, all);
  return all;
}

async function readProject(person: Person, id: string, { projects, tasks }: Snapshot): Promise<void> {
  const answer = await person.get<Fields & { members: { user_id: string; role: string }[] }>(`/api/v1/projects/${id}`);
  // It may be out of reach again by now: an event says so.
  if (answer.status !== 200 || answer.body["deleted_at"] !== null) return;
  const members = Object.fromEntries(answer.body.members.map(({ user_id, role }) => [user_id, role]));
  projects.set(id, { ...pick(answer.body, ["name", "description", "version"]), members });
  const { body } = await person.get<{ items?: Fields[] }>(`/api/v1/tasks?project_id=${id}&limit=100`);
  for (const task of body.items ?? []) tasks.set(String(task["id"]), pick(task, shownOfTask));
}

async function readGroup(person: Person, id: string, { people, messages }: Snapshot): Promise<void> {
  const path = `/api/v1/conversations/${id}`;
  const answer = await person.get<{ participants: Fields[] }>(path);
  if (answer.status !== 200) return;
  for (const each of answer.body.participants) people.set(String(each["user_id"]), shownOfPerson(each));
  for (let after = 0, more = true; more; ) {
    const page = await person.get<{ items?: Fields[] }>(`${path}/messages?limit=100&after_seq=${after}`);
    const items = page.body.items ?? [];
    for (const message of items) messages.set(String(message["id"]), shownOfMessage(message));
    after = Number(items.at(-1)?.["seq"] ?? 0);
    more = items.length === 100;
  }
}

const pick = (of: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, of[name]]));
const shownOfMessage = (message: Fields) => pick(message, ["seq", "content", "sender_id"]);
const shownOfPerson = (person: Fields) => pick(person, ["role", "read_seq"]);

function assign(target: Fields, { changes = [] }: Data): Fields {
  for (const { field, to } of changes) if (field in target) target[field] = to;
  return target;
}

/** Marks only move forward. */
function read(people: Snapshot["people"], user_id: string, seq: number): void {
  const person = people.get(user_id);
  if (person) person["read_seq"] = Math.max(Number(person["read_seq"]), seq);
}
