import { beforeAll, describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import type { AnyElysia } from "elysia";
import { controller } from "../controller.ts";
import { Id, List, listQuery, Nullable, OneOf, operation, Text, Time } from "../index.ts";
import { describeService } from "./describe.ts";
import type { OpenApiDocument, OperationObject } from "./openapi.ts";

const Task = Type.Object(
  {
    id: Id(),
    title: Text({ max: 255 }),
    status: OneOf(["pending", "completed"]),
    due_at: Nullable(Time()),
    role: Type.Union([Type.Literal("owner"), Type.Literal("viewer"), Type.Null()]),
  },
  { title: "Task" },
);

const notAsked = (): never => {
  throw new Error("A document is made without asking any route.");
};

const routes = () =>
  controller({})
    .get(
      "/api/v1/tasks",
      notAsked,
      operation({
        id: "tasks.list",
        access: "user",
        summary: "List tasks",
        tags: ["tasks"],
        query: listQuery({ q: Type.Optional(Text({ max: 255 })) }),
        answer: List(Task),
      }),
    )
    .post(
      "/api/v1/tasks",
      notAsked,
      operation({
        id: "tasks.create",
        access: "user",
        summary: "Create a task",
        description: "Without a project it is personal.",
        tags: ["tasks"],
        body: Type.Object({ title: Text({ max: 255, message: "Not shown." }) }),
        status: 201,
        answer: Task,
        errors: ["forbidden", "not_a_member"],
        example: { body: { title: "Write it down" } },
      }),
    )
    .patch(
      "/api/v1/tasks/:id",
      notAsked,
      operation({
        id: "tasks.update",
        access: "superuser",
        summary: "Change a task",
        params: Type.Object({ id: Id() }),
        body: Type.Object({}),
        answer: Task,
        errors: ["version_conflict"],
      }),
    )
    .delete(
      "/api/v1/tasks/:id",
      notAsked,
      operation({
        id: "tasks.delete",
        access: "user",
        role: "cleaner",
        summary: "Delete",
        params: Type.Object({ id: Id() }),
        answer: null,
      }),
    )
    .post(
      "/api/v1/import",
      notAsked,
      operation({
        id: "tasks.import",
        access: "user",
        summary: "Import",
        body: Type.String(),
        mediaType: "application/x-ndjson",
        answer: null,
      }),
    )
    .get(
      "/.well-known/jwks.json",
      notAsked,
      operation({
        id: "keys.get",
        access: "anyone",
        summary: "Keys",
        limit: "none",
        example: { answer: { keys: [] } },
      }),
    )
    .get("/hidden", notAsked);

let document: OpenApiDocument;
const operationAt = (method: string, path: string): OperationObject => {
  const found = document.paths[path]?.[method];
  if (!found) throw new Error(`${method} ${path} is not documented.`);
  return found;
};

beforeAll(async () => {
  document = await describeService((routes() as AnyElysia).routes, { service: "projects", version: "1.2.3" });
});

describe("a service's document", () => {
  test("holds every declared operation and nothing else", () => {
    expect(
      Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((m) => `${m} ${path}`)),
    ).toEqual([
      "get /.well-known/jwks.json",
      "post /api/v1/import",
      "get /api/v1/tasks",
      "post /api/v1/tasks",
      "patch /api/v1/tasks/{id}",
      "delete /api/v1/tasks/{id}",
    ]);
    expect(document.info).toMatchObject({ title: "Stoa: projects", version: "1.2.3" });
    expect(document.tags).toEqual([{ name: "tasks", description: expect.stringMatching(/\.$/) }]);
  });

  test("says of each operation what it is", () => {
    expect(operationAt("post", "/api/v1/tasks")).toMatchObject({
      summary: "Create a task",
      description: "Without a project it is personal.",
      tags: ["tasks"],
      operationId: "tasks.create",
    });
  });

  test("lists the statuses of an operation with their error codes", () => {
    const { responses } = operationAt("post", "/api/v1/tasks");
    expect(Object.keys(responses)).toEqual(["201", "400", "401", "403", "413", "415", "422", "429", "500", "503"]);
    expect(Object.keys(responses["422"]?.content?.["application/problem+json"]?.examples ?? {})).toEqual([
      "not_a_member",
      "validation_failed",
      "idempotency_key_reused",
    ]);
    expect(responses["201"]?.headers).toHaveProperty("Location");
    expect(Object.keys(operationAt("get", "/.well-known/jwks.json").responses)).toEqual(["200", "422", "500", "503"]);
    expect(Object.keys(operationAt("delete", "/api/v1/tasks/{id}").responses)).toContain("204");
  });

  test("lists invalid_cursor for lists and forbidden where a role is needed", () => {
    expect(operationAt("get", "/api/v1/tasks").responses["422"]?.description).toContain("`invalid_cursor`");
    expect(operationAt("delete", "/api/v1/tasks/{id}").responses["403"]?.description).toContain("`forbidden`");
    expect(operationAt("patch", "/api/v1/tasks/{id}").responses["404"]?.description).toContain("`not_found`");
  });

  test("gives every body an example: the declared one, else one by its schema", () => {
    const { requestBody, responses } = operationAt("post", "/api/v1/tasks");
    expect(requestBody?.content["application/json"]?.example).toEqual({ title: "Write it down" });
    expect(responses["201"]?.content?.["application/json"]?.example).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      title: "Write the report",
      status: "pending",
      due_at: "2026-11-20T09:00:00.000Z",
      role: "owner",
    });
  });

  test("shows an answer that has no schema by its example", () => {
    const { responses } = operationAt("get", "/.well-known/jwks.json");
    expect(responses["200"]?.content).toEqual({ "application/json": { example: { keys: [] } } });
  });

  test("offers one media type, the one that is taken", () => {
    expect(Object.keys(operationAt("post", "/api/v1/tasks").requestBody?.content ?? {})).toEqual(["application/json"]);
    expect(Object.keys(operationAt("post", "/api/v1/import").requestBody?.content ?? {})).toEqual([
      "application/x-ndjson",
    ]);
  });

  test("writes a titled schema once and refers to it", () => {
    const ref = { $ref: "#/components/schemas/Task" };
    expect(operationAt("patch", "/api/v1/tasks/{id}").responses["200"]?.content?.["application/json"]?.schema).toEqual(
      ref,
    );
    expect(operationAt("get", "/api/v1/tasks").responses["200"]?.content?.["application/json"]?.schema).toEqual({
      $ref: "#/components/schemas/TaskPage",
    });
    expect(document.components.schemas["TaskPage"]).toMatchObject({ properties: { items: { items: ref } } });
    const task = document.components.schemas["Task"] as { properties: Record<string, unknown> };
    expect(task.properties["role"]).toEqual({ type: ["string", "null"], enum: ["owner", "viewer", null] });
    expect(task.properties["status"]).toEqual({ type: "string", enum: ["pending", "completed"] });
    expect(JSON.stringify(document)).not.toContain("Not shown.");
  });

  test("says who may call and which headers matter", () => {
    expect(operationAt("get", "/.well-known/jwks.json").security).toEqual([]);
    expect(operationAt("get", "/api/v1/tasks").security).toEqual([{ bearer: [] }]);
    const headersOf = (method: string, path: string) =>
      operationAt(method, path)
        .parameters?.filter((parameter) => parameter.in === "header")
        .map(({ name }) => name);
    expect(headersOf("post", "/api/v1/tasks")).toEqual(["Idempotency-Key"]);
    expect(headersOf("patch", "/api/v1/tasks/{id}")).toEqual(["If-Match"]);
  });

  test("names path parameters as required, query parameters as they are", () => {
    expect(operationAt("patch", "/api/v1/tasks/{id}").parameters?.[0]).toMatchObject({
      name: "id",
      in: "path",
      required: true,
    });
    const { parameters } = operationAt("get", "/api/v1/tasks");
    expect(parameters?.map(({ name }) => name)).toEqual(["limit", "cursor", "skip", "count", "q"]);
    expect(parameters?.[0]).toMatchObject({
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 100, default: 50 },
    });
  });

  test("refers only to what it holds", () => {
    for (const [, kind, name] of JSON.stringify(document).matchAll(/#\/components\/(\w+)\/([\w.-]+)/g)) {
      expect(document.components[kind as "schemas"]).toHaveProperty([String(name)]);
    }
  });
});
