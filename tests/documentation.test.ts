import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { catalogue } from "@stoa/errors";
import { type ServiceName, services } from "@stoa/events";
import {
  describeService,
  mergeDocuments,
  type OpenApiDocument,
  type OperationObject,
  type ResponseObject,
} from "@stoa/http/docs";
import { streamEvents } from "@stoa/messaging/stream/events";
import published from "../docs/openapi.json" with { type: "json" };
import { type Operation, operationsOf } from "./routes/operations.ts";
import { type Stoa, startStoa } from "./routes/stoa.ts";

/** What the last part of an id may begin with. One word for one thing: an SDK's methods are called by them. */
const verbs = new Set(
  `accept add bulk cancel complete confirm create decline delete disable enable erase export fetch forgot get import leave list login logout
  mark move mute open pin reauthenticate redeliver refresh register remove reopen request resend reset restore revoke rotate save
  send set signup undo unmute unpin update user verify`.split(/\s+/),
);
/** Paths of older clients that do what another does. */
const older = /^\/api\/v1\/(auth\/signup|user\/login|users\/me|auth\/sessions\/:id\/revoke)$/;

/** Fields that mean the same everywhere. */
const obvious = new Set(
  `id username email full_name name title description role status priority labels due_at password current_password code
  token token_type emoji created_at updated_at joined_at expires_at ended_at completed_at edited_at deleted_at
  last_login_at occurred_at exported_at content members participants reactions items is_superuser key seq event`.split(
    /\s+/,
  ),
);
/** Ids that are no UUIDs: others make them, or (`subject_id`) a key's is among them. */
const foreign = new Set(["account_id", "ace_user_id", "client_id", "external_id", "request_id", "subject_id"]);

/** All services in one document: every operation says what it takes, what it answers, and when it refuses. */
let stoa: Stoa;
let document: OpenApiDocument;
let operations: readonly Operation[];
beforeAll(async () => {
  stoa = await startStoa();
  operations = operationsOf(stoa.apps);
  const described = async (service: ServiceName) =>
    [service, await describeService(stoa.apps[service].routes, { service, version: "0.0.0" })] as const;
  document = mergeDocuments(new Map(await Promise.all(services.map(described))), "0.0.0");
});
afterAll(() => stoa[Symbol.asyncDispose]());

/** What is wrong with the operations, a line for each fault. */
function faults(check: (operation: Operation, documented: OperationObject) => readonly (string | false)[]): string[] {
  return operations.flatMap((operation) => {
    const { name, path, method } = operation;
    const documented = document.paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
    if (!documented) return [`${name} is not documented`];
    return check(operation, documented).flatMap((fault) => (fault === false ? [] : [`${name} ${fault}`]));
  });
}

/** A schema, as far as it is looked at. */
interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly discriminator?: object;
}

/** The fields of a schema, and of the objects in it that have no name. */
function fieldsOf(schema: JsonSchema): [name: string, field: JsonSchema][] {
  const own = Object.entries(schema.properties ?? {});
  const inner = [...own.map(([, field]) => field), ...(schema.items ? [schema.items] : []), ...(schema.anyOf ?? [])];
  return [...own, ...inner.flatMap(fieldsOf)];
}

/** The schemas of the values that a field can have. */
function leavesOf(schema: JsonSchema): JsonSchema[] {
  const inner = schema.items ? [schema.items] : schema.anyOf;
  return inner ? inner.flatMap(leavesOf) : [schema];
}

/** The schemas of an answer's problem documents. */
function problemSchemas(response: ResponseObject | undefined): JsonSchema[] {
  const schema = response?.content?.["application/problem+json"]?.schema as JsonSchema | undefined;
  return (schema?.oneOf ?? (schema ? [schema] : [])).map(
    ({ $ref = "" }) => document.components.schemas[$ref.replace("#/components/schemas/", "")] as JsonSchema,
  );
}

const verbOf = (id: string) => /[a-z]+/.exec(id.slice(id.lastIndexOf(".") + 1))?.[0] ?? "";
const snake = (name: string) => name.replaceAll(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
const pascal = (name: string) => name.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

describe("every operation", () => {
  test("is documented, with a summary, a listed tag and a unique id", () => {
    const tags = new Set(document.tags.map(({ name }) => name));
    const wrong = faults((_, { summary = "", tags: own = [] }) => [
      !/^[A-Z].{3,}[^.]$/.test(summary) && `has the summary "${summary}"`,
      own.length !== 1 && `has ${own.length} tags`,
      !own.every((tag) => tags.has(tag) && /^[a-z ]+$/.test(tag)) && `has the tag ${own.join(", ")}`,
    ]);
    expect(wrong).toEqual([]);
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((o) => o.operationId));
    expect(ids).toEqual([...new Set(ids)]);
  });

  test("is in docs/openapi.json, which has no other operation", () => {
    const namesOf = (of: { readonly paths: Readonly<Record<string, object>> }) =>
      Object.entries(of.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    expect(namesOf(document).sort()).toEqual(namesOf(published).sort());
  });

  test("has an id that makes a method: nouns, then a verb, with dots, unique, and no id within another", () => {
    const ids = [...new Set(operations.map(({ spec }) => spec.id))];
    const wrong = faults(({ spec: { id } }, documented) => [
      documented.operationId !== id && `has the operationId ${documented.operationId}`,
      !/^[a-z][a-zA-Z]*(\.[a-z][a-zA-Z]*)+$/.test(id) && `has the id ${id}`,
      // `auth.login` beside `auth.login.external` cannot be a method and an object at once.
      ids.some((other) => other.startsWith(`${id}.`)) && `has the id ${id}, which another id begins with`,
      !verbs.has(verbOf(id)) && `has the id ${id}: use one of the verbs, or add one here`,
    ]);
    expect(wrong).toEqual([]);
    const named = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((o) => o.operationId));
    expect(named).toEqual([...new Set(named)]);
  });

  test("says what it does in full sentences", () => {
    const wrong = faults((_, { description = "" }) => [
      !/^[A-Z0-9`].{9,}[.]$/s.test(description) && `has the description "${description}"`,
    ]);
    expect(wrong).toEqual([]);
  });

  test("is deprecated when it only doubles another, and says which to call instead", () => {
    const paths = new Set(operations.map(({ method, path }) => `${method} ${path}`));
    const wrong = faults(({ spec, path, method }, documented) => {
      const instead = operations.find((other) => other.spec.id === spec.deprecated);
      const twin = { PUT: "PATCH", PATCH: "POST" }[method];
      const isDouble = paths.has(`${twin} ${path}`) || older.test(path);
      return [
        isDouble !== (documented.deprecated ?? false) && `is ${isDouble ? "not " : ""}deprecated`,
        spec.deprecated !== undefined && instead?.spec.deprecated !== undefined && "points at a deprecated operation",
        isDouble && !documented.description?.includes(`\`${spec.deprecated}\``) && "does not say what to call instead",
        isDouble && instead?.spec.answer !== spec.answer && "answers differently",
      ];
    });
    expect(wrong).toEqual([]);
  });

  test("says which credentials it takes", () => {
    const wrong = faults(({ spec }, { security }) => {
      const token = [{ bearer: [] }, { password: [] }];
      const taken = spec.access === "anyone" ? [] : token;
      const expected = spec.ticket ? [...token, { ticket: [] }] : taken;
      return [!Bun.deepEquals(security, expected) && `has the security ${JSON.stringify(security)}`];
    });
    expect(wrong).toEqual([]);
  });

  test("shows bodies with which a newcomer signs in and makes the first things, as they stand", async () => {
    const ask = (service: ServiceName, path: string, token?: string) => {
      const content = document.paths[path]?.["post"]?.requestBody?.content;
      const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
      const body = JSON.stringify(content?.["application/json"]?.example);
      return stoa.apps[service].handle(new Request(`http://stoa.test${path}`, { method: "POST", headers, body }));
    };
    expect((await ask("identity", "/api/v1/auth/register")).status).toBe(201);
    const { access_token } = (await (await ask("identity", "/api/v1/auth/login")).json()) as { access_token: string };
    await stoa.settle();
    const made = [
      ["identity", "/api/v1/organizations"],
      ["projects", "/api/v1/projects"],
      ["projects", "/api/v1/tasks"],
      ["messaging", "/api/v1/conversations"],
    ] as const;
    for (const [service, path] of made) {
      expect([path, (await ask(service, path, access_token)).status]).toEqual([path, 201]);
    }
    const { email, password } = stoa.root;
    const login = { method: "POST", body: new URLSearchParams({ username: email, password }) };
    const root = await stoa.apps.identity.handle(new Request("http://stoa.test/api/v1/auth/login", login));
    const { access_token: superuser } = (await root.json()) as { access_token: string };
    expect((await ask("identity", "/api/v1/auth/users", superuser)).status).toBe(201);
  });

  test("describes every parameter", () => {
    const wrong = faults((_, { parameters = [] }) =>
      parameters.map(({ name, description = "" }) => !/[.]$/.test(description) && `does not describe ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("says in which schema it answers", () => {
    const wrong = faults((_, { responses }) =>
      Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Object.values(content).map(({ schema }) => schema === undefined && `has no schema of ${status}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test("declares the headers of its answers", () => {
    const wrong = faults(({ spec, method }, { responses }) => {
      const needed: [string, string][] = [];
      const status = String(spec.status ?? 200);
      if (status === "201") needed.push([status, "Location"]);
      if (status === "201" && method === "POST" && spec.access !== "anyone")
        needed.push([status, "Idempotent-Replayed"]);
      if (spec.answer?.["properties"]?.version?.type === "integer") needed.push([status, "ETag"]);
      if (responses["401"]) needed.push(["401", "WWW-Authenticate"]);
      if (responses["412"]) needed.push(["412", "ETag"]);
      if (responses["429"]) needed.push(["429", "Retry-After"], ["429", "RateLimit"], ["429", "RateLimit-Policy"]);
      needed.push(["503", "Retry-After"]);
      return needed.map(([at, name]) => !responses[at]?.headers?.[name] && `does not declare ${name} of ${at}`);
    });
    expect(wrong).toEqual([]);
  });

  test("types what its errors carry besides the members of every problem", () => {
    const wrong = faults(({ spec }, { responses }) => {
      const [conflict, unauthorized] = ["412", "401"].map((status) => problemSchemas(responses[status]));
      return [
        (spec.errors?.includes("version_conflict") ?? false) &&
          !conflict?.every((schema) => schema["properties"]?.["current"]?.$ref) &&
          "does not type current",
        (spec.errors?.includes("mfa_required") ?? false) &&
          !unauthorized?.some((schema) => schema["properties"]?.["mfa_token"]) &&
          "does not type mfa_token",
      ];
    });
    expect(wrong).toEqual([]);
    const tries = problemSchemas(document.paths["/api/v1/auth/mfa/verify"]?.["post"]?.responses["401"]);
    expect(tries.map((schema) => schema["required"])).toEqual([expect.arrayContaining(["tries_left"])]);
  });

  test("has one success status, and the errors that every request can get", () => {
    const wrong = faults(({ spec, method }, { responses }) => {
      const statuses = Object.keys(responses).map(Number);
      const needed = [
        422,
        500,
        503,
        ...(spec.access === "anyone" ? [] : [401]),
        ...(spec.limit === "none" ? [] : [429]),
      ];
      if (spec.params) needed.push(404);
      if (spec.access === "superuser") needed.push(403);
      if (method !== "GET") needed.push(413);
      if (spec.body) needed.push(400, 415);
      return [
        statuses.filter((status) => status < 300 && status !== spec.otherStatus).length !== 1 &&
          `answers ${statuses.join(", ")}`,
        ...needed.map((status) => !statuses.includes(status) && `does not say ${status}`),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test("has an example of its request and of every response with a body", () => {
    const wrong = faults((_, { requestBody, responses }) => {
      const takes = Object.entries(requestBody?.content ?? {});
      const answers = Object.entries(responses).flatMap(([status, { content }]) => {
        const shown = Object.values(content ?? {});
        const empty = ["101", "202", "204"].includes(status);
        return empty || shown.length > 0 ? shown.map((it) => [status, it] as const) : [[status, {}] as const];
      });
      return [...takes, ...answers].map(
        ([what, { example, examples }]) =>
          example === undefined && Object.keys(examples ?? {}).length === 0 && `shows no example of ${what}`,
      );
    });
    expect(wrong).toEqual([]);
  });

  test("has examples that match its schemas", () => {
    const wrong = faults(({ spec }) => {
      const { body, answer } = spec.example ?? {};
      const errors = [
        ...(spec.body && body !== undefined ? Value.Errors(spec.body, body) : []),
        ...(answer === undefined ? [] : Value.Errors(spec.answer ?? spec.documented ?? Type.Any(), answer)),
      ];
      return errors.map(({ path, message }) => `shows ${path}: ${message}`);
    });
    expect(wrong).toEqual([]);
  });

  test("names every parameter of its path", () => {
    const wrong = faults(({ path }, { parameters = [] }) =>
      [...path.matchAll(/:(\w+)/g)].map(
        ([, name]) => !parameters.some((one) => one.in === "path" && one.name === name) && `does not name ${name}`,
      ),
    );
    expect(wrong).toEqual([]);
  });
});

describe("every schema", () => {
  const each = () => Object.entries(document.components.schemas) as [string, JsonSchema][];

  test("types ids as uuid and times as date-time", () => {
    const wrong = each().flatMap(([name, schema]) =>
      fieldsOf(schema).flatMap(([field, at]) => {
        const format = /(^|_)ids?$/.test(field) ? "uuid" : /_at$/.test(field) ? "date-time" : undefined;
        if (format === undefined || foreign.has(field)) return [];
        // A filter names users by `me` and `none` too.
        if (name.startsWith("ViewFilter") && /^(assignee|creator)_id$/.test(field)) return [];
        // An event's id is its position.
        if (name.endsWith("Event") && field === "id") return [];
        const found = leavesOf(at).filter(({ type }) => type !== "null");
        return found.every((leaf) => leaf.format === format) ? [] : [`${name}.${field} is no ${format}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("describes every field whose name does not say it all", () => {
    const wrong = each().flatMap(([name, schema]) =>
      fieldsOf(schema).flatMap(([field, at]) => {
        if (obvious.has(field) || name === "DiscoveryDocument" || name.startsWith("Exported")) return [];
        const described = [at, ...(at.anyOf ?? [])].some((part) => part.$ref !== undefined || part.description);
        return described || at.items?.$ref !== undefined ? [] : [`${name}.${field}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("has a name that clients generated in Python can use beside those of its fields", () => {
    const names = new Set(each().map(([name]) => name));
    const wrong = each().flatMap(([name, schema]) => [
      // openapi-python-client: a class and a variable of one name in one scope.
      ...Object.keys(schema.properties ?? {}).flatMap((field) => (field === snake(name) ? [`${name}.${field}`] : [])),
      // A choice without a name of its own is called by its schema and field.
      ...fieldsOf(schema).flatMap(([field, at]) =>
        at.enum && names.has(name + pascal(field)) ? [`${name}.${field} is called as a schema is`] : [],
      ),
    ]);
    expect(wrong).toEqual([]);
  });
});

test("error_code is one of the catalogue's", () => {
  expect(document.components.schemas["ErrorCode"]?.["enum"]).toEqual(Object.keys(catalogue));
  expect(document.components.schemas["Problem"]).toMatchObject({
    properties: { error_code: { $ref: "#/components/schemas/ErrorCode" } },
  });
});

test("every event of the stream has a schema of its own", () => {
  const { oneOf = [], discriminator } = document.components.schemas["StreamEvent"] as JsonSchema;
  const names = oneOf.map(({ $ref = "" }) => {
    const { properties } = document.components.schemas[$ref.replace("#/components/schemas/", "")] as JsonSchema;
    return properties?.["event"]?.const;
  });
  expect(names).toEqual(Object.keys(streamEvents));
  const mapping = Object.fromEntries(oneOf.map(({ $ref }, index) => [names[index], $ref]));
  expect(discriminator).toEqual({ propertyName: "event", mapping });
  const content = document.paths["/api/v1/stream"]?.["get"]?.responses["200"]?.content;
  expect(content?.["text/event-stream"]?.schema).toEqual({ $ref: "#/components/schemas/StreamEvent" });
});

test("nothing is shared that nothing refers to", () => {
  const text = JSON.stringify(document);
  const { securitySchemes: _, ...shared } = document.components;
  const unused = Object.entries(shared).flatMap(([kind, parts]) =>
    Object.keys(parts).filter((name) => !text.includes(`"#/components/${kind}/${name}"`)),
  );
  expect(unused).toEqual([]);
});

test("every error code that is documented is in the catalogue, with a sentence", () => {
  const own = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods).flatMap(({ responses }) => Object.values(responses)))
    .flatMap(({ content }) => Object.entries(content?.["application/problem+json"]?.examples ?? {}))
    .flatMap(([code, example]) => ("value" in example ? [[code, example] as const] : []));
  for (const [code, { value }] of [...Object.entries(document.components.examples), ...own]) {
    expect(Object.hasOwn(catalogue, code)).toBe(true);
    expect(value).toMatchObject({ error_code: code, detail: expect.stringMatching(/^[A-Z].{9,}\.$/) });
  }
});
