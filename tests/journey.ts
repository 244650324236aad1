import { expect, test } from "bun:test";
import { type Client, type Person, signUp } from "./client.ts";
import type { EventStream } from "./event-stream.ts";
import { withinASecond } from "./within-a-second.ts";

/** Where a journey runs. */
export interface Stage {
  /** The URL that clients use. */
  readonly gatewayUrl: string;
  /** The URL of each service, if it can be reached by itself; otherwise the gateway's. */
  readonly services: Readonly<Record<"identity" | "projects" | "messaging", string>>;
  /** The first superuser. */
  readonly superuser: { readonly email: string; readonly password: string };
}

interface Task {
  readonly id: string;
  readonly status: string;
}
interface Conversation {
  readonly id: string;
  readonly type: string;
  readonly project_id: string | null;
  readonly unread: number;
  readonly last_seq: number;
  readonly participants: readonly { user_id: string }[];
}
interface Notified {
  readonly object: { readonly id: string; readonly type: string };
}
interface List<T> {
  readonly items: readonly T[];
}

/**
 * The main use of Stoa from end to end, with the same steps on every topology. Each step builds on those before.
 *
 * @param streams whether there are live streams; Workers have none, so the steps about them are left out there
 */
export function journey(stage: () => Stage, { streams }: { streams: boolean }): void {
  let ana: Person;
  let ben: Person;
  let cleo: Person;
  let project: { id: string; key: string };
  let conversation: Conversation;
  let task: Task;
  let stream: EventStream;

  test("users register and log in", async () => {
    const base = stage().gatewayUrl;
    [ana, ben, cleo] = [await signUp(base, "ana"), await signUp(base, "ben"), await signUp(base, "cleo")];
    const me = await ana.must<{ id: string; username: string }>(200, "GET", "/api/v1/auth/me");
    expect(me).toMatchObject({ id: ana.id, username: ana.username });
  });

  test("a new project has its conversation within a second", async () => {
    project = await ana.must(201, "POST", "/api/v1/projects", { name: "Harbour" });
    conversation = await withinASecond(() => projectConversation(ana, project.id));
    expect(conversation.participants.map((each) => each.user_id)).toEqual([ana.id]);
  });

  test("a new member is a participant of the conversation within a second", async () => {
    const members = `/api/v1/projects/${project.id}/users`;
    await ana.must(201, "POST", members, { username: ben.username, role: "developer" });
    await ana.must(201, "POST", members, { user_id: cleo.id, role: "viewer" });
    await withinASecond(() => projectConversation(ben, project.id));
    await withinASecond(() => projectConversation(cleo, project.id));
  });

  test("the assignee of a new task is notified on their stream", async () => {
    if (streams) stream = await ben.stream();
    task = await ana.must<Task>(201, "POST", "/api/v1/tasks", { title: "Dredge the basin", project_id: project.id });
    await ana.must(200, "PUT", `/api/v1/tasks/${task.id}/assignees`, { user_ids: [ben.id] });
    // That they were added to the project is another one.
    const { object } = await withinASecond(async () => {
      const all = streams
        ? stream.named("notification.created").map(({ data }) => data as Record<string, unknown> & Notified)
        : (await ben.must<List<Notified>>(200, "GET", "/api/v1/notifications")).items;
      return all.find((one) => one.object.type === "task");
    });
    expect(object).toMatchObject({ type: "task", id: task.id, title: "Dredge the basin" });
  });

  test("the assignee completes the task, and its log shows who did what", async () => {
    const completed = await ben.must<Task>(200, "PATCH", `/api/v1/tasks/${task.id}/complete`);
    expect(completed.status).toBe("completed");
    const again = await ben.must<Task>(200, "PATCH", `/api/v1/tasks/${task.id}/complete`);
    expect(again).toEqual(completed);
    const log = await ana.must<List<{ type: string; actor_id: string }>>(200, "GET", `/api/v1/tasks/${task.id}/logs`);
    expect(log.items.map(({ type, actor_id }) => ({ type, actor_id }))).toEqual([
      { type: "task.completed", actor_id: ben.id },
      { type: "task.assigned", actor_id: ana.id },
      { type: "task.created", actor_id: ana.id },
    ]);
  });

  if (streams) {
    test("the stream carries the work, in order and with its versions", async () => {
      const work = () =>
        stream.events.filter(({ event, data }) => event.startsWith("task.") && data["task_id"] === task.id);
      await withinASecond(answered(() => work().some(({ event }) => event === "task.completed")));
      expect(work().map(({ event, data }) => [event, data["version"], data["project_id"]])).toEqual([
        ["task.created", 1, project.id],
        ["task.assigned", 2, project.id],
        ["task.completed", 3, project.id],
      ]);
    });
  }

  test("unread counts go up with messages and down with reading", async () => {
    const path = `/api/v1/conversations/${conversation.id}`;
    await withinASecond(async () => (await messages(ben)).some((each) => each.type === "system"));
    const before = await ben.must<Conversation>(200, "GET", path);
    for (const content of ["The tide is right.", "We begin at six."]) {
      await ana.must(201, "POST", `${path}/messages`, { content });
    }
    const after = await ben.must<Conversation>(200, "GET", path);
    expect(after.unread).toBe(before.unread + 2);
    const read = await ben.must<Conversation>(200, "POST", `${path}/read`, { seq: after.last_seq });
    expect(read.unread).toBe(0);
    await ben.must(201, "POST", `${path}/messages`, { content: "I'll bring the boat." });
    expect((await ana.must<Conversation>(200, "GET", path)).unread).toBe(1);
    expect((await ben.must<Conversation>(200, "GET", path)).unread).toBe(0);
  });

  if (streams) {
    test("a stream that was cut resumes with no event missing and none twice", async () => {
      const send = (content: string) =>
        ana.must(201, "POST", `/api/v1/conversations/${conversation.id}/messages`, { content });
      await send("one");
      await withinASecond(answered(() => contents(stream).includes("one")));
      const position = stream.lastEventId;
      stream.cut();
      for (const content of ["two", "three"]) await send(content);
      const resumed = await ben.stream(position);
      await send("four");
      await withinASecond(answered(() => contents(resumed).includes("four")));
      expect(contents(resumed)).toEqual(["two", "three", "four"]);
      stream = resumed;
    });
  }

  test("a viewer reads but cannot write", async () => {
    await cleo.must(200, "GET", `/api/v1/tasks/${task.id}`);
    const refused = await cleo.post("/api/v1/tasks", { title: "Paint the crane", project_id: project.id });
    expect([refused.status, refused.body["error_code"]]).toEqual([403, "forbidden"]);
    const list = await ana.must<List<Task>>(200, "GET", `/api/v1/tasks?project_id=${project.id}`);
    expect(list.items.map((each) => each.id)).toEqual([task.id]);
  });

  test("logging out ends the token in every service, and its stream, within a second", async () => {
    await ben.must(204, "POST", "/api/v1/auth/logout");
    const { identity, projects, messaging } = stage().services;
    for (const url of [
      `${identity}/api/v1/auth/me`,
      `${projects}/api/v1/projects`,
      `${messaging}/api/v1/conversations`,
    ]) {
      await withinASecond(async () => (await refusal(url, ben)) === "401 session_revoked");
    }
    if (streams) await withinASecond(answered(() => stream.ended));
  });

  /** Checks the events of a stream after messaging has answered a request. */
  const answered = (look: () => boolean) => async () => {
    await fetch(`${stage().services.messaging}/health/live`);
    return look();
  };
  const messages = async (person: Person) =>
    (await person.must<List<{ type: string }>>(200, "GET", `/api/v1/conversations/${conversation.id}/messages`)).items;
}

async function projectConversation(person: Person, project_id: string): Promise<Conversation | undefined> {
  const { items } = await person.must<List<Conversation>>(200, "GET", "/api/v1/conversations");
  return items.find((each) => each.type === "project" && each.project_id === project_id);
}

function contents(stream: EventStream): unknown[] {
  return stream
    .named("message.sent")
    .map((each) => each.data)
    .filter((message) => message["type"] === "user")
    .map((message) => message["content"]);
}

async function refusal(url: string, person: Client): Promise<string> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${person.token}` } });
  const body = (await response.json()) as { error_code?: string };
  return `${response.status} ${body.error_code}`;
}
