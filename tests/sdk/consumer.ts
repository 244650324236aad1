/** What a user of a generated SDK writes; `sdk.test.ts` generates `client` beside a copy of it and compiles both. */
import {
  authLogin,
  authLoginExternal,
  conversationsMessagesSend,
  type ErrorCode,
  type StreamEvent,
  sessionsDelete,
  tasksCreate,
  tasksList,
  tasksUpdate,
} from "./client/index.ts";

/** Logs in, and says what the second step needs where there is one. */
export async function logIn(username: string, password: string): Promise<string> {
  const { data, error } = await authLogin({ body: { username, password } });
  if (data) return data.access_token;
  if ("mfa_token" in error) return `${error.mfa_token} for ${error.expires_in} s`;
  const code: ErrorCode = error.error_code;
  // @ts-expect-error: there is no such code.
  if (code === "no_such_code") return code;
  return error.request_id;
}

/** Reads every page, and changes what it has seen. */
export async function raise(project_id: string): Promise<readonly string[]> {
  const raised: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { data } = await tasksList({
      query: { project_id: [project_id], status: ["pending"], ...(cursor && { cursor }) },
    });
    for (const task of data?.items ?? []) {
      // With `updated_since`, what is gone comes as a tombstone.
      if (!("title" in task)) continue;
      const { id, version, due_at } = task;
      const changed = await tasksUpdate({
        path: { id },
        headers: { "If-Match": `"${version}"` },
        body: { priority: due_at === null ? "high" : "urgent" },
      });
      if (changed.error && "current" in changed.error) raised.push(changed.error.current.title);
    }
    cursor = data?.next_cursor ?? null;
  }
  return raised;
}

/** Creates with a key of its own, and sends. */
export async function announce(conversation_id: string): Promise<number> {
  const { data } = await tasksCreate({
    body: { title: "Write it down", priority: "high", assignee_ids: [] },
    headers: { "Idempotency-Key": "one" },
  });
  // @ts-expect-error: a task has no such priority.
  await tasksCreate({ body: { title: "Write it down", priority: "highest" } });
  // @ts-expect-error: a conversation is named in the path.
  await conversationsMessagesSend({ body: { content: "x" } });
  await conversationsMessagesSend({ path: { id: conversation_id }, body: { content: data?.title ?? "" } });
  await authLoginExternal({ body: { account_id: 7, username: "ada", password: "secret" } });
  const { response } = await sessionsDelete({ path: { id: conversation_id } });
  return response?.status ?? 0;
}

/** Tells the events of the stream apart by their name. */
export function titleOf(event: StreamEvent): string | null {
  switch (event.event) {
    case "message.sent":
      return event.data.content;
    case "conversation.updated":
      return event.data.title;
    case "notification.created":
      return event.data.object.title;
    case "reset":
      return event.data.position;
    default:
      return null;
  }
}
