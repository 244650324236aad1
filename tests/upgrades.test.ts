/**
 * Everything that is taken for granted of Elysia, TypeBox, drizzle, libSQL and NATS beyond what they document. After an
 * upgrade the names of what fails here say what moved, and the comments where it is used; `docs/decisions/upgrades.md`
 * says what is known of the moves ahead.
 */
import { describe, expect, test } from "bun:test";
import { createClient, LibsqlBatchError, LibsqlError } from "@libsql/client";
import { Kind, OptionalKind, type TSchema, Type, TypeRegistry } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { ValueErrorType } from "@sinclair/typebox/errors";
import { Value } from "@sinclair/typebox/value";
import { getTableColumns, getTableName, placeholder, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import { integer, QueryBuilder, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { type AnyElysia, Elysia, NotFoundError, ValidationError } from "elysia";
import { ErrorCode, NatsError } from "nats";

const ask = async (app: AnyElysia, path: string, method = "GET"): Promise<Response> =>
  app.handle(new Request(`http://stoa.test${path}`, { method, ...(method === "POST" && { body: "x" }) }));

describe("Elysia: routes", () => {
  // shared/http/operation.ts: `operationOf`
  test("a macro takes its own name off the route, and other names stay in its hooks", () => {
    const app = new Elysia()
      .macro("operation", (_: string) => ({ resolve: () => ({}) }))
      .get("/a", () => "a", { operation: "x", declared: 1 } as { operation: string });
    const [route] = new Elysia().use(app).routes;
    expect([route?.hooks.operation, route?.hooks.declared]).toEqual([undefined, 1]);
  });

  // shared/http/methods.ts: `putAsPatch`
  test("a route of `routes` can be added again under another method", async () => {
    const app = new Elysia({ prefix: "/p" }).macro("by", (by: string) => ({ resolve: () => ({ by }) }));
    app.patch("/a/:id", ({ by, params }) => `${by} ${params.id}`, { by: "macro" });
    const [route] = app.routes;
    if (!route) throw new Error("The route is not there.");
    const again = new Elysia().route("PUT", route.path, route.handler, { ...route.hooks });
    expect(await (await ask(new Elysia().use(again), "/p/a/1", "PUT")).text()).toBe("macro 1");
  });

  // shared/http/methods.ts: `methodsOf`, `fixedRoutes`
  test("the router names fixed paths with their methods, and finds the others by method", () => {
    const app = new Elysia().get("/a", "a").post("/b/:id", "b").compile();
    expect(Object.keys(app.router.static["/a"] ?? {})).toEqual(["GET"]);
    expect(app.router.http.find("POST", "/b/1")?.params).toEqual({ id: "1" });
    expect(app.router.http.find("POST", "/b/1/")?.params).toEqual({ id: "1" });
    expect(app.router.http.find("GET", "/b/1")).toBeNull();
  });

  // shared/http/methods.ts: a socket begins as a GET
  test("a socket's route is called WS", () => {
    expect(new Elysia().ws("/ws", {}).routes.map(({ method }) => method)).toEqual(["WS"]);
  });

  // shared/http/controller.ts: `isFixed`
  test("a fixed path that does not take a method is tried as a parameter of another", async () => {
    const app = new Elysia().get("/a/:id", ({ params }) => params.id).post("/a/many", () => "many");
    expect(await (await ask(app, "/a/many")).text()).toBe("many");
  });

  // shared/http/service.ts: `standardHostname`
  test("a path begins at the 12th character of a URL, or at the 8th where hosts are not standard", async () => {
    const statusOf = async (standardHostname: boolean, url: string) =>
      (await new Elysia({ handler: { standardHostname } }).get("/a", "a").handle(new Request(url))).status;
    expect([await statusOf(true, "http://x/a"), await statusOf(true, "https://x.test/a")]).toEqual([404, 200]);
    expect([await statusOf(false, "http://x/a"), await statusOf(false, "https://x.test/a")]).toEqual([200, 404]);
  });
});

describe("Elysia: the way of a request", () => {
  // shared/http/request-state.ts
  test("one context goes from onRequest to the hooks, a plugin used twice is one, null may be decorated", async () => {
    const seen: unknown[] = [];
    const state = new Elysia({ name: "state" }).decorate("state", null as object | null);
    const app = new Elysia()
      .use(state)
      .onRequest((context) => {
        context.state = { request: context.request };
        seen.push(context.state);
      })
      .mapResponse(({ state: own }) => void seen.push(own))
      .onError(({ state: own }) => void seen.push(own))
      .use(new Elysia().use(state).get("/good", ({ state: own }) => String(seen.push(own))))
      .use(
        new Elysia().use(state).get("/bad", () => {
          throw new Error("bad");
        }),
      );
    await ask(app, "/good");
    expect(new Set(seen.splice(0)).size).toBe(1);
    await ask(app, "/bad");
    expect(new Set(seen.splice(0)).size).toBe(1);
    await ask(app, "/nothing");
    expect(new Set(seen.splice(0)).size).toBe(1);
  });

  // shared/http/controller.ts: the macro `operation`
  test("a macro's resolve runs before the handler, with decoded params, and its result joins the context", async () => {
    const app = new Elysia()
      .macro("own", () => ({
        resolve: async ({ params, path }) => ({ body: params, query: { path } }),
      }))
      .post("/a/:id", ({ body, query }) => ({ body, query }), { own: true, parse: "none" });
    expect(await (await ask(app, "/a/%C3%A9?x=1", "POST")).json()).toEqual({
      body: { id: "é" },
      query: { path: "/a/%C3%A9" },
    });
  });

  // shared/http/controller.ts: `given`
  test("a path without parameters has no params, whatever the types say", async () => {
    const app = new Elysia().get("/a", ({ params }) => String(params));
    expect(await (await ask(app, "/a")).text()).toBe("undefined");
  });

  // shared/http/body.ts
  test('`parse: "none"` leaves the body unread', async () => {
    const app = new Elysia().post("/a", ({ request }) => request.text(), { parse: "none" });
    expect(await (await ask(app, "/a", "POST")).text()).toBe("x");
  });

  // shared/http/finish.ts: the route of a log line
  test("`route` is the pattern with its prefix, and undefined where none was found", async () => {
    const seen: unknown[] = [];
    const app = new Elysia()
      .mapResponse(({ route }) => void seen.push(route))
      .onError(({ route }) => void seen.push(route))
      .use(new Elysia({ prefix: "/p" }).get("/a/:id", "a"));
    await ask(app, "/p/a/1");
    await ask(app, "/nothing");
    expect(seen).toEqual(["/p/a/:id", undefined]);
  });

  // shared/http/service.ts: `answerer`
  test("`wrap` is called with the same function for every request", async () => {
    const nexts = new Set<unknown>();
    const app = new Elysia().wrap((next: (request: Request) => unknown) => {
      nexts.add(next);
      return next;
    });
    app.get("/a", "a");
    await ask(app, "/a");
    await ask(app, "/b");
    expect(nexts.size).toBe(1);
  });

  // shared/http/service.ts: `answerer`
  test("a handler that throws null gets past onError", async () => {
    const app = new Elysia()
      .onError(() => "caught")
      .get("/a", () => {
        // biome-ignore lint/style/useThrowOnlyError: the point is that it is none.
        throw null;
      });
    await expect(ask(app, "/a")).rejects.toBeInstanceOf(TypeError);
  });

  // shared/http/head.ts
  test("a HEAD of an answer without a body says that its length is 0", async () => {
    const app = new Elysia().get("/a", ({ set }) => {
      set.status = 204;
    });
    expect((await ask(app, "/a", "HEAD")).headers.get("content-length")).toBe("0");
  });
});

describe("Elysia: answers", () => {
  // shared/http/service.ts: 404, 405 and OPTIONS
  test("a path or a method that is not there is a NotFoundError in onError, whose Response is answered", async () => {
    const app = new Elysia()
      .onError(({ error, set }) => {
        set.headers = { "x-set": "1" };
        return new Response(String(error instanceof NotFoundError), { status: 418 });
      })
      .get("/a", "a");
    for (const [path, method] of [["/b"], ["/a", "PUT"], ["/a", "OPTIONS"]] as const) {
      const answer = await ask(app, path, method);
      expect([answer.status, answer.headers.get("x-set"), await answer.text()]).toEqual([418, "1", "true"]);
    }
  });

  // shared/http/service.ts: `standing`
  test("default headers are in `set` from the beginning, and each request has its own", async () => {
    const app = new Elysia().headers({ "x-default": "1" }).get("/a", ({ set }) => {
      set.headers["x-default"] = `${set.headers["x-default"]}2`;
      return {};
    });
    await ask(app, "/a");
    expect((await ask(app, "/a")).headers.get("x-default")).toBe("12");
  });

  // shared/http/service.ts: `complete`
  test("a Response is answered as it is when `set` says nothing, else its own headers and status stand", async () => {
    const made = new Response("x", { status: 203, headers: { "x-own": "own" } });
    const app = new Elysia()
      .get("/same", () => made)
      .get("/merged", ({ set }) => {
        set.headers["x-own"] = "set";
        set.headers["x-more"] = "more";
        return new Response("x", { status: 203, headers: { "x-own": "own" } });
      });
    expect(await ask(app, "/same")).toBe(made);
    const { status, headers } = await ask(app, "/merged");
    expect([status, headers.get("x-own"), headers.get("x-more")]).toEqual([203, "own", "more"]);
  });

  // shared/http/operation.ts: `responses`; shared/http/failure.ts
  test("an answer is checked by the schema of its status, and what does not fit is a ValidationError", async () => {
    const errors: unknown[] = [];
    const app = new Elysia({ normalize: false })
      .onError(({ error }) => void errors.push(error))
      .get(
        "/a",
        ({ set }) => {
          set.status = 201;
          return { a: 1, b: 2 };
        },
        { response: { 201: Type.Object({ a: Type.Integer() }, { additionalProperties: false }) } },
      );
    await ask(app, "/a");
    expect(errors[0]).toBeInstanceOf(ValidationError);
  });
});

describe("TypeBox", () => {
  // shared/http/schemas/
  test("kinds of our own are registered by name, carried by a symbol that a spread copies, and compiled", () => {
    TypeRegistry.Set<TSchema & { word: string }>("UpgradesWord", ({ word }, value) => value === word);
    const schema = { ...Type.Unsafe<string>({ word: "a" }), [Kind]: "UpgradesWord" } as TSchema;
    const check = TypeCompiler.Compile(Type.Object({ a: { ...schema } as TSchema }));
    expect([check.Check({ a: "a" }), check.Check({ a: "b" })]).toEqual([true, false]);
    TypeRegistry.Delete("UpgradesWord");
  });

  // shared/http/validator.ts
  test("a symbol says that a schema is optional", () => {
    expect([Type.Optional(Type.Null())[OptionalKind], Object(Type.Null())[OptionalKind]]).toEqual([
      "Optional",
      undefined,
    ]);
  });

  // shared/http/sentences.ts
  test("each error has its type, its path, the schema and the value", () => {
    const inner = Type.Integer({ minimum: 1 });
    const [error] = Value.Errors(Type.Object({ a: inner }), { a: 0 });
    expect(error).toMatchObject({ type: ValueErrorType.IntegerMinimum, path: "/a", value: 0, schema: { minimum: 1 } });
  });

  // shared/http/sentences.ts, strict.ts, normalize.ts, query.ts
  test("schemas are plain JSON Schema: null is in anyOf, members in properties, items in items", () => {
    const schema = Type.Object({ a: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])) });
    expect(JSON.parse(JSON.stringify(schema))).toEqual({
      type: "object",
      properties: { a: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }] } },
    });
  });
});

const things = sqliteTable("things", {
  id: text("id").primaryKey(),
  made: integer("made_at", { mode: "timestamp_ms" }).notNull(),
});

describe("drizzle", () => {
  // shared/db/rows.ts
  test("a table tells its name and columns, and a column makes what the driver takes", () => {
    const { made } = getTableColumns(things);
    expect([getTableName(things), made.name, made.mapToDriverValue(new Date(5))]).toEqual(["things", "made_at", 5]);
  });

  // services/projects/tasks/prepared.ts
  test("a prepared query gives its text, and its placeholders in the order in which they stand in it", () => {
    const orm = drizzle(createClient({ url: ":memory:" }));
    const query = orm
      .select({ id: things.id })
      .from(things)
      .where(sql`${things.id} = ${placeholder("id")} and ${things.made} > ${placeholder("made")}`)
      .prepare()
      .getQuery();
    expect(query.sql).toBe(`select "id" from "things" where "things"."id" = ? and "things"."made_at" > ?`);
    expect(query.params).toEqual([expect.objectContaining({ name: "id" }), expect.objectContaining({ name: "made" })]);
  });

  // services/messaging/query.ts
  test("a query builder without a database gives the same by toSQL", () => {
    const { sql: words, params } = new QueryBuilder()
      .select({ id: things.id })
      .from(things)
      .where(sql`id = ${placeholder("id")}`)
      .toSQL();
    expect(words).toBe('select "id" from "things" where id = ?');
    expect(params).toEqual([expect.objectContaining({ name: "id" })]);
  });

  // shared/http/failure.ts
  test("what a database refuses is a DrizzleQueryError with the driver's error as its cause", async () => {
    const error: unknown = await drizzle(createClient({ url: ":memory:" }))
      .run("select nothing")
      .catch((thrown: unknown) => thrown);
    expect([error instanceof Error && error.constructor.name, error instanceof Error && error.cause]).toEqual([
      "DrizzleQueryError",
      expect.any(LibsqlError),
    ]);
  });
});

describe("libSQL's client", () => {
  const client = async () => {
    const made = createClient({ url: ":memory:" });
    await made.executeMultiple(`create table t (a text unique, n, constraint small check (length(a) < 3));
      create trigger loud before insert on t when new.a = '!' begin select raise(abort, 'be_quiet'); end;`);
    return made;
  };
  const refusal = (error: unknown) =>
    error instanceof LibsqlError ? [error.code.startsWith("SQLITE_CONSTRAINT"), error.message] : [error];

  // shared/db/database.ts: `rowsAffected`, `plain`
  test("a result counts the rows that changed, names its columns, and its rows have them by name and by number", async () => {
    const t = await client();
    const [, second] = await t.batch(["insert into t values ('a', 1)", "update t set n = 2 where a = 'x'"], "write");
    expect(second?.rowsAffected).toBe(0);
    const { rows, columns } = await t.execute("select a, n from t");
    expect([columns, rows[0]?.["a"], rows[0]?.[1], rows[0]?.length]).toEqual([["a", "n"], "a", 1, 2]);
  });

  // shared/db/database.ts: `bound`
  test("a number is bound as REAL, a bigint as INTEGER", async () => {
    const { rows } = await (await client()).execute({ sql: "select typeof(?) a, typeof(?) b", args: [5, 5n] });
    expect([rows[0]?.["a"], rows[0]?.["b"]]).toEqual(["real", "integer"]);
  });

  // shared/db/errors.ts
  test("refusals have SQLite's code, and name the index, the check or the trigger's own words", async () => {
    const t = await client();
    await t.execute("insert into t values ('a', 1)");
    for (const [value, words] of [
      ["a", "UNIQUE constraint failed: t.a"],
      ["long", "CHECK constraint failed: small"],
      ["!", "be_quiet"],
    ] as const) {
      const error = await t.execute(`insert into t values ('${value}', 1)`).catch((thrown: unknown) => thrown);
      expect(refusal(error)).toEqual([true, expect.stringContaining(words)]);
    }
  });

  // shared/db/database.ts: `attempt`
  test("the error of a batch says which statement failed", async () => {
    const t = await client();
    const error: unknown = await t
      .batch(["insert into t values ('a', 1)", "insert into t values ('a', 1)"], "write")
      .catch((thrown: unknown) => thrown);
    expect([error instanceof LibsqlBatchError, error instanceof LibsqlBatchError && error.statementIndex]).toEqual([
      true,
      1,
    ]);
    expect((await t.execute("select * from t")).rows).toBeEmpty();
  });

  // shared/db/database.ts: `write`
  test("a client can be connected anew, and says when it is closed", async () => {
    const t = await client();
    t.reconnect();
    expect(t.closed).toBe(false);
    t.close();
    expect(t.closed).toBe(true);
  });
});

describe("NATS", () => {
  // shared/bus/nats/stream.ts: `isMissing`; shared/bus/nats/relay.ts: `isOutOfDate`
  test("an error has the code of the client, and what JetStream said of it", () => {
    const error = new NatsError("none", ErrorCode.NoResponders);
    error.api_error = { code: 404, err_code: 10_071, description: "" };
    expect([error.code, error.api_error.code, error instanceof Error]).toEqual(["503", 404, true]);
  });
});
