import { Type } from "@sinclair/typebox";
import { DatabaseError, openDatabase, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { drizzle } from "drizzle-orm/sqlite-proxy";
import { controller, type HttpDeps, operation, Text } from "../index.ts";

const anyone = { id: "test.route", access: "anyone", summary: "A route" } as const;
/** A database that is not there. */
const away = await openDatabase("http://127.0.0.1:9");

/** What must never be answered. */
export const secretWord = "hunter2";

/** Routes that answer well, and routes that fail in every way. */
export const failingRoutes = (http: HttpDeps) => [
  controller(http)
    .get("/ok", () => ({ ok: true }), operation({ ...anyone, answer: Type.Object({ ok: Type.Boolean() }) }))
    .post(
      "/token",
      () => ({ token: "t" }),
      operation({ ...anyone, secret: true, body: Type.Object({ password: Text({ max: 99, verbatim: true }) }) }),
    )
    .get(
      "/extra",
      () => ({ ok: true, password: secretWord }) as { ok: boolean },
      operation({ ...anyone, answer: Type.Object({ ok: Type.Boolean() }) }),
    )
    .get(
      "/nested",
      () => ({ items: [{ id: "1", more: secretWord } as { id: string }] }),
      operation({ ...anyone, answer: Type.Object({ items: Type.Array(Type.Object({ id: Type.String() })) }) }),
    )
    .get(
      "/throw/:what",
      ({ params, set }) => {
        set.headers["etag"] = '"1"';
        return thrown(params.what);
      },
      operation({ ...anyone }),
    )
    .get(
      "/later",
      async () => {
        await Promise.resolve();
        throw new StoaError("version_conflict", { members: { current: { id: 1 } }, headers: { "x-more": "1" } });
      },
      operation(anyone),
    )
    .get(
      "/stream",
      () =>
        new Response(new ReadableStream({ start: (c) => c.close() }), {
          headers: { "content-type": "text/event-stream" },
        }),
      operation(anyone),
    )
    .get(
      "/created",
      ({ set }) => {
        set.status = 200;
        return { ok: true };
      },
      operation({ ...anyone, status: 201, answer: Type.Object({ ok: Type.Boolean() }) }),
    ),
];

async function thrown(what: string): Promise<never> {
  switch (what) {
    case "error":
      throw new Error(`secret ${secretWord}`);
    case "text":
      throw secretWord;
    case "null":
      // biome-ignore lint/style/useThrowOnlyError: whatever is thrown must become a problem.
      throw null;
    case "full":
      throw new DatabaseError("unavailable", new Error(secretWord));
    case "unknown_outcome":
      throw new DatabaseError("unknown_outcome", new Error(secretWord));
    case "constraint":
      throw new DatabaseError("constraint", new Error(secretWord), "users.email");
    case "driver":
      throw Object.assign(new Error("SQLITE_BUSY: database is locked"), { name: "LibsqlError", code: "SQLITE_BUSY" });
    case "drizzle":
      await drizzle(async () => ({ rows: await away.query(sql`select 1`) })).run("select 1");
      throw new Error("a database answered that is not there");
    case "busy":
      throw new StoaError("unavailable", { detail: "Too many logins." });
    case "busy_for_long":
      throw new StoaError("unavailable", { headers: { "Retry-After": "30" } });
    default:
      throw new StoaError("last_owner");
  }
}
