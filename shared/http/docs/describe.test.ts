import { beforeAll, describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import type { AnyElysia } from "elysia";
import { controller } from "../controller.ts";
import { Id, List, listQuery, Nullable, OneOf, operation, QueryList, Text, Time } from "../index.ts";
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

const Counted = Type.Object({ id: Id(), version: Type.Integer() }, { title: "Counted" });

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
        query: listQuery({ q: Type.Optional(Text({ max: 255 })), label: QueryList(Text({ max: 50 })) }),
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
        errors: ["not_found", "version_conflict"],
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
    .post(
      "/api/v1/login",
      notAsked,
      operation({
        id: "auth.login",
        access: "anyone",
        summary: "Log in",
        answer: null,
        errors: ["invalid_credentials", "mfa_required"],
        problems: { mfa_required: Type.Object({ mfa_token: Type.String() }) },
        headers: { "Idempotency-Key": "A key of your own." },
      }),
    )
    .put(
      "/api/v1/counted",
      notAsked,
      operation({
        id: "counted.update",
        alsoProduces: { "text/csv": "version\r\n7\r\n" },
        access: "user",
        summary: "Change",
        answer: Counted,
        otherStatus: 201,
        errors: ["version_conflict"],
        example: { answer: { id: "01a0a0a0-7000-7000-8000-000000000002", version: 7 } },
      }),
    )
    .delete(
      "/api/v1/counted",
      notAsked,
      operation({
        id: "counted.delete",
        deprecated: "counted.update",
        access: "user",
        summary: "Delete",
        answer: null,
        resource: Counted,
        errors: ["version_conflict"],
      }),
    )
    .get(
      "/api/v1/stream",
      notAsked,
      operation({
        id: "stream.open",
        access: "anyone",
        ticket: true,
        summary: "Listen",
        documented: Type.Object({ event: Type.String() }, { title: "StreamEvent" }),
        produces: "text/event-stream",
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
      "put /api/v1/counted",
      "delete /api/v1/counted",
      "post /api/v1/import",
      "post /api/v1/login",
      "get /api/v1/stream",
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
    expect(Object.keys(responses)).toEqual([
      "201",
      "400",
      "401",
      "403",
      "404",
      "408",
      "413",
      "415",
      "422",
      "429",
      "500",
      "503",
    ]);
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

  test("shows each media type in which an answer comes", () => {
    expect(operationAt("put", "/api/v1/counted").responses["200"]?.content).toMatchObject({
      "application/json": { schema: { $ref: "#/components/schemas/Counted" } },
      "text/csv": { schema: { type: "string" }, example: "version\r\n7\r\n" },
    });
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
    expect(operationAt("get", "/api/v1/tasks").security).toEqual([{ bearer: [] }, { password: [] }]);
    const headersOf = (method: string, path: string) =>
      operationAt(method, path)
        .parameters?.filter((parameter) => parameter.in === "header")
        .map(({ name }) => name);
    expect(headersOf("post", "/api/v1/tasks")).toEqual(["Idempotency-Key"]);
    expect(headersOf("patch", "/api/v1/tasks/{id}")).toEqual(["If-Match"]);
    expect(headersOf("post", "/api/v1/login")).toEqual(["Idempotency-Key"]);
  });

  test("names path parameters as required, query parameters as they are", () => {
    expect(operationAt("patch", "/api/v1/tasks/{id}").parameters?.[0]).toMatchObject({
      name: "id",
      in: "path",
      required: true,
    });
    const { parameters } = operationAt("get", "/api/v1/tasks");
    expect(parameters?.map(({ name }) => name)).toEqual(["limit", "cursor", "skip", "count", "q", "label"]);
    expect(parameters?.[0]).toMatchObject({
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 100, default: 50 },
    });
    // One parameter with commas.
    expect(parameters?.at(-1)).toMatchObject({ name: "label", explode: false, schema: { type: "array" } });
  });

  test("names the members of a problem document, and what they look like", () => {
    const shown = (method: string, path: string, status: string) =>
      operationAt(method, path).responses[status]?.content?.["application/problem+json"];
    expect(shown("post", "/api/v1/login", "401")?.schema).toEqual({
      oneOf: [{ $ref: "#/components/schemas/InvalidCredentials" }, { $ref: "#/components/schemas/MfaRequired" }],
    });
    expect(shown("post", "/api/v1/login", "401")?.examples).toMatchObject({
      invalid_credentials: { value: { error_code: "invalid_credentials", instance: "/api/v1/login" } },
      mfa_required: { value: { error_code: "mfa_required", mfa_token: "…" } },
    });
    for (const method of ["put", "delete"]) {
      expect(shown(method, "/api/v1/counted", "412")?.schema).toEqual({
        $ref: "#/components/schemas/CountedVersionConflict",
      });
    }
    expect(shown("put", "/api/v1/counted", "412")?.examples).toMatchObject({
      version_conflict: { value: { current: { version: 7 } } },
    });
    expect(document.components.schemas["CountedVersionConflict"]).toMatchObject({
      required: expect.arrayContaining(["current", "error_code"]),
      properties: {
        current: { $ref: "#/components/schemas/Counted" },
        error_code: { enum: ["version_conflict"] },
        status: { enum: [412] },
      },
    });
  });

  test("shows a declared error with the operation's path, and those of the checks before it once for all", () => {
    const examplesAt = (method: string, path: string, status: string) =>
      operationAt(method, path).responses[status]?.content?.["application/problem+json"]?.examples;
    expect(examplesAt("patch", "/api/v1/tasks/{id}", "404")).toEqual({
      not_found: {
        value: expect.objectContaining({ instance: expect.stringMatching(/^\/api\/v1\/tasks\/[0-9a-f-]{36}$/) }),
      },
    });
    expect(examplesAt("delete", "/api/v1/tasks/{id}", "404")).toEqual({
      not_found: { $ref: "#/components/examples/not_found" },
    });
    expect(document.components.examples["not_found"]).toMatchObject({ value: { error_code: "not_found" } });
  });

  test("declares the headers of each answer, described once", () => {
    const headersAt = (method: string, path: string, status: string) =>
      Object.keys(operationAt(method, path).responses[status]?.headers ?? {});
    const limits = ["RateLimit", "RateLimit-Policy"];
    expect(headersAt("put", "/api/v1/counted", "200")).toEqual(["ETag", ...limits]);
    expect(headersAt("put", "/api/v1/counted", "201")).toEqual(["Location", "ETag", ...limits]);
    expect(headersAt("put", "/api/v1/counted", "412")).toEqual(["ETag", ...limits]);
    expect(headersAt("put", "/api/v1/counted", "401")).toEqual(["WWW-Authenticate", ...limits]);
    expect(headersAt("put", "/api/v1/counted", "429")).toEqual(["Retry-After", ...limits]);
    expect(headersAt("post", "/api/v1/tasks", "201")).toEqual(["Location", "Idempotent-Replayed", ...limits]);
    expect(headersAt("get", "/.well-known/jwks.json", "200")).toEqual([]);
    expect(document.components.headers["ETag"]?.description).toEndWith(".");
  });

  test("says of a deprecated operation what to call instead, and fails where that is none", async () => {
    expect(operationAt("delete", "/api/v1/counted")).toMatchObject({
      deprecated: true,
      description: "Deprecated: call `PUT /api/v1/counted` (`counted.update`) instead.",
    });
    expect(operationAt("put", "/api/v1/counted").deprecated).toBeUndefined();
    const lost = operation({ id: "old.get", deprecated: "new.get", access: "user", summary: "Old", answer: null });
    const app: AnyElysia = controller({}).get("/old", notAsked, lost);
    await expect(describeService(app.routes, { service: "projects", version: "1" })).rejects.toThrow(/new\.get/);
  });

  test("takes a ticket besides a token where one stands in for it", () => {
    const { security, responses } = operationAt("get", "/api/v1/stream");
    expect(security).toEqual([{ bearer: [] }, { password: [] }, { ticket: [] }]);
    expect(document.components.securitySchemes["ticket"]).toMatchObject({ type: "apiKey", in: "query" });
    expect(responses["200"]?.content).toEqual({
      "text/event-stream": { schema: { $ref: "#/components/schemas/StreamEvent" }, example: { event: "text" } },
    });
  });

  test("refers only to what it holds", () => {
    for (const [, kind, name] of JSON.stringify(document).matchAll(/#\/components\/(\w+)\/([\w.-]+)/g)) {
      expect(document.components[kind as "schemas"]).toHaveProperty([String(name)]);
    }
  });
});
