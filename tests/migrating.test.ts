import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { adviceOn, loadConfig } from "@stoa/config";
import { olderNames, withoutMeaning } from "@stoa/config/older";
import { describe as describeError, type ErrorCode } from "@stoa/errors";
import { dispatch } from "../deploy/gateway/dispatch.ts";
import { Client, type Person, signUp } from "./client.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

const guide = readFileSync(new URL("../docs/migrating.md", import.meta.url), "utf8");
const {
  paths,
  components: { schemas },
} = JSON.parse(readFileSync(new URL("../docs/openapi.json", import.meta.url), "utf8")) as {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, Schema> };
};

/** The rows of the table whose first head is this, below a heading. */
function rowsUnder(heading: string, head: string): string[][] {
  const section = guide.slice(guide.indexOf(`## ${heading}\n`)).split(/\n## /)[0] ?? "";
  const lines = section.split("\n");
  const first = lines.findIndex((line) => line.startsWith(`| ${head} `));
  const last = lines.findIndex((line, index) => index > first && !line.startsWith("|"));
  return lines.slice(first + 2, last === -1 ? undefined : last).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1")),
  );
}

const routes = [...rowsUnder("Paths", "then"), ...rowsUnder("The corporate clients", "then")] as [string, string][];

describe("an older path", () => {
  const id = "019aa0f0-4d1c-7a2b-8c3d-4e5f60718293";
  const filled = (path: string) => path.replaceAll(/\{\w+\}/g, id);

  test.each(rowsUnder("Paths", "then") as [string, string][])("%s is %s, with and without /api", (then, now) => {
    const [method = "", path = ""] = then.split(" ");
    const [today, target = ""] = now.split(" ");
    const health = !target.startsWith("/api/v1");
    expect(today).toBe(method);
    for (const prefix of health ? [""] : ["", "/api"]) {
      const { request } = dispatch(new Request(`http://stoa.test${prefix}${filled(path)}`, { method }));
      expect(new URL(request.url).pathname).toBe(filled(target));
    }
    if (target === "/docs") return;
    const declared = Object.keys(paths).find((known) => filled(known) === filled(target)) ?? "";
    expect(Object.keys(paths[declared] ?? {})).toContain(method.toLowerCase());
  });

  test("of every kind is in the guide", () => {
    expect(routes.length).toBeGreaterThan(40);
  });
});

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Operation {
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** The fields of a body, or of the items of a list. */
function fieldsOf(schema: Schema | undefined): string[] {
  const { $ref, properties = {} } = schema ?? {};
  if ($ref !== undefined) return fieldsOf(schemas[$ref.split("/").at(-1) ?? ""]);
  return properties["items"]?.items ? fieldsOf(properties["items"].items) : Object.keys(properties);
}

describe("a field", () => {
  const todayOf = new Map(routes.map(([then, now]) => [then, now] as const));
  const namesIn = (cell: string) => cell.split(", ").map((name) => name.replaceAll("`", ""));

  test.each(rowsUnder("Fields", "on the older path") as [string, string, string][])(
    "that %s: %s is %s",
    (on, then, now) => {
      const [, path = "", way] = /^`([^`]+)` (sends|sends as a form|answers)$/.exec(on) ?? [];
      const [method = "", today = ""] = todayOf.get(path)?.split(" ") ?? [];
      const { requestBody, responses } = (paths[today]?.[method.toLowerCase()] ?? { responses: {} }) as Operation;
      const answer = Object.entries(responses).find(([status]) => status.startsWith("2"))?.[1].content;
      const content = way === "answers" ? answer : requestBody?.content;
      const known = fieldsOf(
        content?.[way === "sends as a form" ? "application/x-www-form-urlencoded" : "application/json"]?.schema,
      );
      if (now === "the same") expect(known).toEqual(expect.arrayContaining(namesIn(then)));
      else {
        expect(known).toEqual(expect.arrayContaining(namesIn(now)));
        // What is sent may still be taken by its older name; answers have it by today's alone.
        if (way === "answers") expect(known).not.toContain(namesIn(then)[0]);
      }
    },
  );
});

describe("on a running Stoa", () => {
  let stoa: Topology;
  let root: Client;
  let ada: Person;
  beforeAll(async () => {
    stoa = await startStandalone({
      env: { LEGACY_REFRESH: "true", CORS_ORIGINS: "", BACKEND_CORS_ORIGINS: '["https://a.example"]' },
    });
    const { access_token } = await new Client(stoa.gatewayUrl).must<{ access_token: string }>(
      200,
      "POST",
      "/auth/login",
      { username: stoa.superuser.email, password: stoa.superuser.password },
    );
    root = new Client(stoa.gatewayUrl, access_token);
    ada = await signUp(stoa.gatewayUrl, "ada");
  }, 60_000);
  afterAll(() => stoa.stop());

  const anonymous = () => new Client(stoa.gatewayUrl);

  test.each(["/user/login", "/api/user/login"])("%s answers in the envelope", async (path) => {
    const refused = await anonymous().post(path, { account_id: "a", username: "b", password: "c" });
    expect([refused.status, refused.body]).toEqual([
      503,
      { error: true, error_code: "NOT_CONFIGURED", message: expect.any(String), data: null },
    ]);
    const invalid = await anonymous().post(path, {});
    expect([invalid.status, Object.keys(invalid.body)]).toEqual([422, ["error", "error_code", "message", "data"]]);
  });

  test.each(rowsUnder("The corporate clients", "their code") as [string, ErrorCode, string][])(
    "the corporate code %s is %s with %s",
    (theirs, code, status) => {
      expect(theirs).toBe(code.toUpperCase());
      expect(describeError(code).status).toBe(Number(status));
    },
  );

  /** What each row of "What is taken as it was" promises. */
  const taken: Record<string, () => Promise<void>> = {
    "names of values in any case": async () => {
      const body = { title: "Old", status: "In Progress", priority: "Medium" };
      const { body: made } = await ada.post("/tasks", body);
      expect(made).toMatchObject({ status: "in_progress", priority: "medium" });
      expect((await ada.get<{ items: unknown[] }>("/api/tasks?status=In%20Progress")).body.items).toHaveLength(1);
      expect((await ada.post("/api/v1/tasks", body)).status).toBe(422);
      for (const method of ["PATCH", "PUT"]) {
        const changed = await ada.send(method, `/tasks/${made["id"]}`, { status: "In Review", priority: "URGENT" });
        expect(changed.body).toMatchObject({ status: "in_review", priority: "urgent" });
        await ada.send(method, `/api/v1/tasks/${made["id"]}`, { status: "pending", priority: null });
      }
      for (const path of ["/data/save", "/api/data/save"]) {
        const saved = await ada.post(path, { source: path, tasks: [{ ...body, external_id: "1" }] });
        expect(saved.body).toMatchObject({ success: true, data: { totals: { created: 1, failed: 0 } } });
      }
      const refused = await ada.post("/api/v1/data/save", { source: "x", tasks: [{ ...body, external_id: "1" }] });
      expect(refused.status).toBe(422);
    },
    "`users` of `POST /data/save`": async () => {
      const users = [{ external_id: "7", username: "brought", full_name: "Brought Along" }];
      const projects = [{ external_id: "p", name: "Brought", members: [{ user: "7", role: "developer" }] }];
      const outcomesOf = async (who: Client) => {
        const { body } = await who.post<{ data: { results: { outcome: string }[] } }>("/data/save", {
          ...{ source: "older", users, projects },
        });
        return body.data.results.map(({ outcome }) => outcome);
      };
      expect(await outcomesOf(ada)).toEqual(["failed", "failed"]);
      expect(await outcomesOf(root)).toEqual(["created", "created"]);
      expect(await outcomesOf(root)).toEqual(["unchanged", "unchanged"]);
      const { body } = await root.get<{ items: unknown[] }>("/api/v1/auth/users?q=brought");
      expect(body.items).toMatchObject([{ username: "brought", email: null, full_name: "Brought Along" }]);
      const audit = await root.get<{ items: unknown[] }>("/api/v1/auth/audit?type=user.registered&limit=1");
      expect(audit.body.items).toMatchObject([{ actor_id: expect.any(String), ip_address: "127.0.0.1" }]);
    },
    "`PUT /auth/users/{id}/superuser` without body": async () => {
      for (const is_superuser of [true, false]) {
        expect((await root.send("PUT", `/api/auth/users/${ada.id}/superuser`)).body).toMatchObject({ is_superuser });
      }
      expect((await root.send("PUT", `/api/v1/auth/users/${ada.id}/superuser`)).status).toBe(400);
    },
    "GET /tasks/{user_id}": async () => {
      const { body: mine } = await ada.post("/tasks", { title: "Mine", assignee_ids: [ada.id] });
      const listed = await ada.get<{ items: { id: unknown }[] }>(`/tasks/${ada.id}`);
      expect(listed.body.items.map(({ id }) => id)).toEqual([mine["id"]]);
      const other = await signUp(stoa.gatewayUrl, "eve");
      expect((await other.get<{ items: unknown[] }>(`/tasks/${ada.id}`)).body.items).toEqual([]);
      expect((await ada.get(`/tasks/${mine["id"]}`)).body).toMatchObject({ title: "Mine" });
      expect((await ada.get(`/api/v1/tasks/${ada.id}`)).status).toBe(404);
      for (let made = 0; made < 50; made++) await ada.post("/tasks", { title: "More", assignee_ids: [ada.id] });
      const { next_cursor } = (await ada.get<{ next_cursor: string }>(`/tasks/${ada.id}`)).body;
      const rest = await ada.get<{ items: unknown[] }>(`/tasks?assignee_id=${ada.id}&cursor=${next_cursor}`);
      expect(rest.body.items).toMatchObject([{ title: "Mine" }]);
    },
    "`POST /auth/login` with an e-mail": async () => {
      for (const name of ["username", "email"]) {
        const body = { [name]: `${ada.username}@example.com`, password: ada.password };
        expect((await anonymous().post("/auth/login", body)).status).toBe(200);
      }
    },
    "`POST /auth/login` as a form": async () => {
      const fields = { username: ada.username, password: ada.password };
      for (const [body, status] of [
        [{ ...fields, grant_type: "password", scope: "", client_id: "a", client_secret: "b" }, 200],
        [{ ...fields, password: "wrong" }, 401],
      ] as const) {
        const response = await fetch(`${stoa.gatewayUrl}/auth/login`, {
          method: "POST",
          body: new URLSearchParams(body),
        });
        expect(response.status).toBe(status);
      }
    },
    "`name` of a user": async () => {
      expect((await ada.send("PATCH", "/auth/me", { name: "Ada L." })).body).toMatchObject({ full_name: "Ada L." });
    },
    "`PUT` on a project, task or user": async () => {
      const { body: task } = await ada.post("/tasks", { title: "Kept", priority: "high" });
      const changed = await ada.send("PUT", `/tasks/${task["id"]}`, { title: "Changed" });
      expect(changed.body).toMatchObject({ title: "Changed", priority: "high" });
    },
    "`PATCH /auth/refresh` with `LEGACY_REFRESH`": async () => {
      const login = { username: ada.username, password: ada.password };
      const { refresh_token } = (await anonymous().post<{ refresh_token: string }>("/auth/login", login)).body;
      for (let again = 0; again < 3; again++) {
        const { status, body, headers } = await anonymous().send("PATCH", "/auth/refresh", { refresh_token });
        expect([status, Object.keys(body)]).toEqual([200, ["access_token", "token_type", "expires_in"]]);
        expect(headers.get("cache-control")).toBe("no-store");
        expect((await new Client(stoa.gatewayUrl, String(body["access_token"])).get("/auth/me")).status).toBe(200);
      }
      const rotated = await anonymous().send("PATCH", "/api/v1/auth/refresh", { refresh_token });
      expect(rotated.body).toHaveProperty("refresh_token");
    },
  };

  test.each(rowsUnder("What is taken as it was", "on the older paths").map(([what = ""]) => what))(
    "%s",
    async (what) => {
      const check = taken[what];
      if (!check) throw new Error(`Nothing checks what docs/migrating.md says of ${what}.`);
      await check();
    },
  );

  /** What each row of "What is different" says is so now. */
  const different: Record<string, () => Promise<void>> = {
    "ids are integers": async () => expect(ada.id).toMatch(/^[0-9a-f-]{36}$/),
    "lists are bare arrays": async () => {
      expect(Object.keys((await ada.get("/projects")).body)).toEqual(["items", "next_cursor"]);
    },
    "`?skip=` and `?limit=` of any size": async () => {
      const statuses = ["skip=10000", "skip=10001", "limit=100", "limit=101"].map((query) =>
        ada.get(`/tasks?${query}`),
      );
      expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([200, 422, 200, 422]);
    },
    "400 for a field that is wrong": async () => {
      const { status, body } = await ada.post("/tasks", { title: 1 });
      expect([status, body["errors"]]).toEqual([422, [{ path: "/title", message: expect.any(String) }]]);
    },
    'errors as `{"detail": …}`': async () => {
      const { body, headers } = await anonymous().get("/tasks");
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(body).toMatchObject({ detail: expect.any(String), error_code: "unauthorized" });
    },
    "HS256 tokens with a shared secret": async () => {
      expect(partOf(ada.token, 0)).toMatchObject({ alg: "ES256" });
      expect((await anonymous().get("/.well-known/jwks.json")).status).toBe(200);
    },
    "the claims `role` and `type`": async () => {
      const claims = partOf(ada.token, 1);
      expect(claims).toMatchObject({ roles: [], is_superuser: false });
      expect(Object.keys(claims)).not.toContain("role");
      expect(ada.refresh_token.split(".")).toHaveLength(1);
    },
    "a refresh token that is valid until it expires": async () => {
      const { refresh_token } = ada;
      const next = await anonymous().post<{ refresh_token: string }>("/auth/refresh", { refresh_token });
      expect(next.body.refresh_token).not.toBe(refresh_token);
    },
    "`GET /` is a greeting": async () => {
      expect(Object.keys((await anonymous().get("/")).body)).toEqual(["name", "version", "api", "docs", "health"]);
    },
  };

  test.each(rowsUnder("What is different", "then").map(([what = ""]) => what))("no longer: %s", async (what) => {
    const check = different[what];
    if (!check) throw new Error(`Nothing checks what docs/migrating.md says of ${what}.`);
    await check();
  });

  test("the old list of origins is taken", async () => {
    const response = await fetch(`${stoa.gatewayUrl}/api/v1/auth/me`, { headers: { origin: "https://a.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBe("https://a.example");
  });
});

/** A part of a JWT. */
function partOf(token: string | undefined, index: number): Record<string, unknown> {
  const part = token?.split(".")[index] ?? "";
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })));
}

describe("settings", () => {
  const env = { SECRET_KEY: "a key that is long enough for every check" };
  const rows = rowsUnder("Settings", "then") as [string, string][];

  test("are all in the guide", () => {
    const known = [...Object.keys(olderNames), ...Object.keys(withoutMeaning)];
    expect(rows.map(([then]) => then).toSorted()).toEqual(known.toSorted());
  });

  test.each(rows)("%s: %s", (then, now) => {
    const told = adviceOn({ ...env, [then]: "x" }, loadConfig(env, "standalone"));
    const means = olderNames[then];
    if (means === undefined) {
      expect(now).toStartWith("none");
      expect(told).toEqual([`${then} means nothing to Stoa: ${withoutMeaning[then]}.`]);
    } else expect(now.replaceAll("`", "")).toStartWith(means);
  });
});
