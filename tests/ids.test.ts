import { afterAll, expect, test } from "bun:test";
import type { TSchema } from "@sinclair/typebox";
import { Caller, type Sending } from "./routes/ask.ts";
import type { Operation } from "./routes/operations.ts";
import { goodBody, neededParts, propertiesOf } from "./routes/samples.ts";
import { paramsOf, scenery } from "./routes/scenery.ts";
import { Stage } from "./routes/stage.ts";
import { startStoa } from "./routes/stoa.ts";

/** Ids are UUIDs, and a UUID is the same in upper case (RFC 9562, section 4): in paths, queries and bodies of every route. */
const stoa = await startStoa();
const caller = new Caller(stoa);
const stage = new Stage(stoa, caller);
const { root, member, stranger, params } = await scenery(stage);
afterAll(() => stoa[Symbol.asyncDispose]());

const isId = (schema: TSchema | undefined) => schema?.["format"] === "uuid" || schema?.["reference"] === true;
const idsIn = (schema: TSchema | undefined) =>
  Object.entries(propertiesOf(schema)).flatMap(([name, field]) =>
    isId(field) || isId(field["items"] as TSchema | undefined) ? [name] : [],
  );
const inPaths = stage.operations.filter(({ spec }) => idsIn(spec.params).length > 0);

/** Path parameters of an operation, its ids in upper case. */
function upper(operation: Operation): Record<string, string> {
  const own = paramsOf(operation.path, params);
  const loud = idsIn(operation.spec.params).map((name) => [name, own[name]?.toUpperCase() ?? "unknown"]);
  return { ...own, ...Object.fromEntries(loud) };
}

/** What an operation answers to ids in its path as they are, and then in upper case. */
async function both(operation: Operation, sending: Sending): Promise<readonly [plain: string, loud: string]> {
  const ask = async (values: Readonly<Record<string, string>>) => {
    const { status, body } = await caller.ask(operation, { ...sending, params: values });
    return `${status} ${body["error_code"] ?? ""}`;
  };
  return [await ask(paramsOf(operation.path, params)), await ask(upper(operation))];
}

test("every id in a path, a query and a body is declared as one", () => {
  const others = ["account_id", "client_id", "external_id"];
  const faults = stage.operations.flatMap(({ name, spec }) =>
    [spec.params, spec.query, spec.body].flatMap((schema) =>
      textsOf(schema).flatMap(([field, declared]) =>
        /(?:^|_)ids?$/.test(field) && !others.includes(field) && !isId(declared) ? [`${name}: ${field}`] : [],
      ),
    ),
  );
  expect(faults).toEqual([]);
});

/** All texts that a schema has at any depth, by the name of their field; those of lists have the list's. */
function textsOf(schema: TSchema | undefined, name = ""): readonly (readonly [name: string, schema: TSchema])[] {
  if (schema === undefined) return [];
  const choices = (schema["anyOf"] ?? []) as TSchema[];
  const within = [schema["items"], schema["documented"]] as (TSchema | undefined)[];
  return [
    ...(schema["type"] === "string" ? [[name, schema] as const] : []),
    ...[...choices, ...within].flatMap((inner) => textsOf(inner, name)),
    ...Object.entries(propertiesOf(schema)).flatMap(([field, inner]) => textsOf(inner, field)),
  ];
}

test("a stranger is refused alike whatever the case of the ids in a path", async () => {
  const faults: string[] = [];
  for (const operation of inPaths) {
    const [plain, loud] = await both(operation, { token: stranger.token, ...goodBody(operation) });
    if (loud !== plain) faults.push(`${operation.name}: ${plain}, in upper case ${loud}`);
  }
  expect(faults).toEqual([]);
});

test("what is read is the same whatever the case of the ids in path and query", async () => {
  const faults: string[] = [];
  for (const operation of stage.operations.filter(
    ({ method, name }) => method === "GET" && !/\/(stream|ws)$/.test(name),
  )) {
    for (const asked of [undefined, ...idsIn(operation.spec.query)]) {
      const query = (id: string) =>
        [
          ...neededParts(operation).filter((part) => !part.startsWith(`${asked}=`)),
          ...(asked ? [`${asked}=${id}`] : []),
        ].join("&");
      const id = idFor(asked);
      const ask = (values: Readonly<Record<string, string>>, search: string) =>
        caller.ask(operation, { token: root.token, params: values, search });
      const [plain, loud] = [
        await ask(paramsOf(operation.path, params), query(id)),
        await ask(upper(operation), query(id.toUpperCase())),
      ];
      if (loud.status !== plain.status || comparable(loud.text) !== comparable(plain.text)) {
        faults.push(
          `${operation.name} ${asked ?? ""}: ${plain.status} ${plain.text}, in upper case ${loud.status} ${loud.text}`,
        );
      }
    }
  }
  expect(faults).toEqual([]);
});

/** An id that a parameter of a query may have: one of the resource that it names, or of a user. */
function idFor(name: string | undefined): string {
  const of = (resource: string) => params[resource]?.["id"] ?? "";
  if (name === "project_id") return of("projects");
  if (name === "conversation_id") return of("conversations");
  if (name === "organization_id") return of("organizations");
  if (name?.startsWith("task_id")) return of("tasks");
  if (name === "parent_id") return of("messages");
  return member.id;
}

/** An answer without what differs from one request to the next: the request's id, and an export's time. */
function comparable(text: string): string {
  return text.replace(/"(?:request_id|instance|next_cursor|prev_cursor|exported_at|as_of|timestamp)":"[^"]*"/g, "");
}

test("ids in a body are the same in upper case, and are stored in lower case", async () => {
  const { token } = root;
  const project_id = params["projects"]?.["id"] ?? "";
  const task_id = params["tasks"]?.["id"] ?? "";
  const conversation = { id: params["conversations"]?.["id"] ?? "" };
  const loud = (id: string) => id.toUpperCase();
  const task = await stage.must("POST /tasks", {
    token,
    json: { title: "Loud", project_id: loud(project_id), parent_id: loud(task_id), assignee_ids: [loud(member.id)] },
  });
  expect(task).toMatchObject({ project_id, parent_id: task_id, assignee_ids: [member.id] });
  const link = await stage.must("POST /tasks/:id/links", {
    token,
    params: { id: loud(task.id) },
    json: { type: "blocks", task_id: loud(task_id) },
  });
  expect(link).toMatchObject({ task_id: task.id, linked_task_id: task_id });
  const same = await stage.must("PATCH /tasks/:id", {
    token,
    params: { id: task.id },
    json: { ...task, id: loud(task.id) },
  });
  expect(same["version"]).toBe(task["version"]);
  await stage.must("POST /tasks/bulk", { token, json: { ids: [loud(task.id)], patch: { priority: "high" } } });
  await stage.must("PATCH /tasks/:id/move", { token, params: { id: task.id }, json: { after_id: loud(task_id) } });

  const [first] = (await stage.must("GET /conversations/:id/messages", { token, params: conversation }))["items"] as [
    { id: string },
  ];
  const reply = { content: "Yes.", parent_id: loud(first.id), client_id: "loud-1" };
  const sent = await stage.must("POST /conversations/:id/messages", {
    token,
    params: { id: loud(conversation.id) },
    json: reply,
  });
  expect(sent).toMatchObject({ conversation_id: conversation.id, parent_id: first.id });
  const again = { token, params: conversation, json: { ...reply, parent_id: first.id } };
  expect((await stage.must("POST /conversations/:id/messages", again)).id).toBe(sent.id);
  const direct = await stage.must("POST /messages", {
    token,
    json: { recipient_id: loud(member.id), content: "Hello." },
  });
  expect(direct["recipient_id"]).toBe(member.id);
  const group = { type: "group", title: "Loud", participant_ids: [loud(member.id), member.id] };
  const made = await stage.must("POST /conversations", { token, json: group });
  expect(made["participants"]).toHaveLength(2);
});

test("a key of idempotency belongs to a path, whatever the case of the ids in it", async () => {
  const id = params["tasks"]?.["id"] ?? "";
  const record = (in_path: string) =>
    caller.ask(stage.operation("POST /tasks/:id/worklogs"), {
      token: root.token,
      params: { id: in_path },
      json: { minutes: 5 },
      headers: { "idempotency-key": "loud" },
    });
  const [first, again] = [await record(id), await record(id.toUpperCase())];
  expect([first.status, again.body["id"], again.headers.get("idempotent-replayed")]).toEqual([
    201,
    first.body["id"],
    "true",
  ]);
});

test("no write takes an id in upper case for an unknown one", async () => {
  const writes = inPaths.filter(({ method }) => method !== "GET");
  const depth = ({ method, path }: Operation) => (method === "DELETE" ? 100 - path.split("/").length : 0);
  const faults: string[] = [];
  for (const operation of writes.toSorted((a, b) => depth(a) - depth(b))) {
    const sending = { token: root.token, ...goodBody(operation) };
    const loud = await caller.ask(operation, { ...sending, params: upper(operation) });
    if (loud.status !== 404) continue;
    const plain = await caller.ask(operation, { ...sending, params: paramsOf(operation.path, params) });
    if (plain.status !== 404) faults.push(`${operation.name}: ${plain.status}, in upper case 404`);
  }
  expect(faults).toEqual([]);
});
