import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { join } from "node:path";
import { type ServiceName, services } from "@stoa/events";
import { isOlder, olderHeader } from "@stoa/http/older";
import { type CaddyServer, startCaddy, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { caddyfile } from "./caddyfile.ts";
import { dispatch } from "./dispatch.ts";
import { older, passedOn, resources } from "./routes.ts";
import { writeSite } from "./site.ts";
import { type Echo, echoService } from "./test/echo.ts";

let folder: TemporaryDirectory;
let caddy: CaddyServer;
let base: string;
/** What each upstream says of its readiness. */
const states = new Map<ServiceName, string>();
const upstreams = new Map(services.map((service) => [service, echoService(service, states)]));
const address = (service: ServiceName) => `127.0.0.1:${upstreams.get(service)?.port}`;

function start(env: Record<string, string> = {}): Promise<CaddyServer> {
  return startCaddy(caddyfile(), (port) => ({
    SITE_ADDRESS: `http://127.0.0.1:${port}`,
    SITE_ROOT: join(folder.path, "site"),
    CSP_MODE: "strict",
    IDENTITY_UPSTREAM: address("identity"),
    PROJECTS_UPSTREAM: address("projects"),
    // The first upstream is down, so the second answers.
    MESSAGING_UPSTREAM: `127.0.0.1:1 ${address("messaging")}`,
    ...env,
  }));
}

beforeAll(async () => {
  folder = await temporaryDirectory("gateway");
  await writeSite(join(folder.path, "site"));
  caddy = await start();
  base = caddy.url;
}, 30_000);

afterAll(async () => {
  await caddy[Symbol.asyncDispose]();
  await Promise.all([...upstreams.values()].map((server) => server.stop(true)));
  await folder[Symbol.asyncDispose]();
}, 15_000);

const ask = (path: string, init: RequestInit = {}) => fetch(base + path, { redirect: "manual", ...init });
const echo = async (path: string, init?: RequestInit) => (await (await ask(path, init)).json()) as Echo;

describe("Caddy and the standalone's dispatcher agree on", () => {
  const names = services.flatMap((service) => resources[service]).filter((name) => name !== "stream" && name !== "ws");
  const paths = [
    ...names.flatMap((name) => [`/api/v1/${name}`, `/api/v1/${name}/x%20y?z=%2F&q=a%26b`]),
    ...older.filter(([, to]) => to.startsWith("/api/")).flatMap(([from]) => [`${from}?a=1`, `${from}/x/%C3%A9?z=1`]),
    ...services.flatMap((service) => [`/health/${service}`, `/health/${service}/ready`]),
    ...Object.keys(passedOn).map((path) => `${path}?a=1`),
    "/.well-known/jwks.json",
    ...["verify-email", "reset-password", "accept-invitation", "undo-email"].map((page) => `/${page}`),
    "/pages/style.css",
  ];
  test.each(paths)("%s", async (path) => {
    const { to, request } = dispatch(new Request(base + path));
    const answer = await echo(path);
    expect(answer.service).toBe(to as ServiceName);
    expect(answer.path.replace(/\/(?=\?|$)/, "")).toBe(request.url.slice(base.length));
    expect(answer.older).toBe(isOlder(request));
  });

  test("who is an older client, whatever a client says itself", async () => {
    const headers = { [olderHeader]: "1" };
    expect((await echo("/api/v1/tasks", { headers })).older).toBe(false);
    expect((await echo("/tasks", { headers })).older).toBe(true);
    expect((await echo("/data/save", { headers })).older).toBe(false);
  });
});

test("a body that came too slowly is answered before the rest of it comes, and the client is told to close the connection", async () => {
  const socket = connect(Number(new URL(base).port), "127.0.0.1");
  const [answered, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let answer = "";
  socket.on("data", (data) => {
    answer += data.toString();
    if (answer.includes('{"error_code":"request_timeout"}')) answered.resolve();
  });
  socket.on("close", () => closed.resolve());
  socket.write(`POST /api/v1/tasks?late HTTP/1.1\r\nHost: ${new URL(base).host}\r\nContent-Length: 1000\r\n\r\nhalf`);
  await answered.promise;
  expect(answer).toStartWith("HTTP/1.1 408 ");
  expect(answer).toMatch(/\r\nConnection: close\r\n/);
  // Caddy closes it at once, or, when it was about to read on, once the client does or the time for bodies is over.
  socket.end();
  await closed.promise;
});

test("several instances of a service are asked in turn", async () => {
  await using several = await start({ PROJECTS_UPSTREAM: `${address("projects")} ${address("messaging")}` });
  const asked: string[] = [];
  for (let n = 0; n < 6; n++) asked.push(((await (await fetch(`${several.url}/api/v1/tasks`)).json()) as Echo).service);
  const [one = "", two = ""] = asked;
  expect([one, two].toSorted()).toEqual(["messaging", "projects"]);
  expect(asked).toEqual([one, two, one, two, one, two]);
});

describe("Caddy forwards", () => {
  test.each([
    ["/health", "/health"],
    ["/health/ready", "/health/ready"],
    ["/live", "/health/live"],
    ["/db-test", "/health/db"],
    ["/test-db", "/health/db"],
  ])("%s to identity's %s", async (path, today) => {
    const answer = await echo(path);
    expect([answer.service, answer.path.replace(/\/$/, "")]).toEqual(["identity", today]);
  });

  test.each([...services])("/docs/%s/json to the service's own document", async (service) => {
    expect(await echo(`/docs/${service}/json`)).toMatchObject({ service, path: "/swagger/json" });
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("%s with its body, also at an older path", async (method) => {
    expect(await echo("/tasks", { method, body: "{}" })).toMatchObject({ service: "projects", method, bytes: 2 });
  });

  test("a body that is too large, so that the service refuses it", async () => {
    expect(await echo("/data/save", { method: "POST", body: new Uint8Array(20_000_000) })).toMatchObject({
      bytes: 20_000_000,
    });
  });

  test("the client's request id, or a new one when it is missing or too long", async () => {
    expect((await echo("/tasks", { headers: { "X-Request-Id": 'a "b" \\ c' } })).request_id).toBe('a "b" \\ c');
    expect((await echo("/tasks")).request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await echo("/tasks", { headers: { "X-Request-Id": "x".repeat(129) } })).request_id).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  test("the client's address, not the one that the client claims", async () => {
    expect((await echo("/tasks", { headers: { "X-Forwarded-For": "203.0.113.9" } })).forwarded).toBe("127.0.0.1");
  });

  test("the address that a proxy in front of it names, when that proxy is trusted", async () => {
    await using behind = await start({ FRONT_PROXIES: "127.0.0.0/8" });
    const headers = { "X-Forwarded-For": "203.0.113.9" };
    const answer = (await (await fetch(`${behind.url}/tasks`, { headers })).json()) as Echo;
    expect(answer.forwarded).toBe("203.0.113.9, 127.0.0.1");
  });

  test("a service's own error unchanged", async () => {
    const response = await ask("/api/v1/tasks?fail");
    expect([response.status, await response.json()]).toEqual([422, { error_code: "not_a_member" }]);
  });

  test("an event of a stream without delay", async () => {
    const controller = new AbortController();
    const response = await ask("/api/v1/stream", { signal: controller.signal });
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe("data: first\n\n");
    controller.abort();
  });

  test("the frames of a WebSocket", async () => {
    const socket = new WebSocket(`${base.replace("http", "ws")}/api/v1/ws`);
    const answer = new Promise((resolve) => socket.addEventListener("message", ({ data }) => resolve(data)));
    socket.addEventListener("open", () => socket.send("hello"));
    expect(await answer).toBe("echo hello");
    socket.close();
  });
});

describe("Caddy does not wait for ever", () => {
  const talk = (port: number, text: string) => {
    const socket = connect(port, "127.0.0.1");
    const closed = new Promise<string>((resolve) => {
      let answer = "";
      socket.on("data", (data) => {
        answer += data;
      });
      socket.on("error", () => undefined).on("close", () => resolve(answer));
    });
    socket.write(text);
    return closed;
  };

  test("for the header of a request", async () => {
    await using caddy = await start({ READ_HEADER_TIMEOUT: "100ms" });
    expect(await talk(caddy.port, "GET /api/v1/tasks HTTP/1.1\r\nHost: a")).toBe("");
  }, 20_000);

  test("for the body of a request, while a stream that began before goes on", async () => {
    await using caddy = await start({ READ_BODY_TIMEOUT: "100ms" });
    const leaving = new AbortController();
    const stream = await fetch(`${caddy.url}/api/v1/stream`, { signal: leaving.signal });
    const reader = stream.body?.getReader();
    await reader?.read();
    const head = `POST /api/v1/tasks HTTP/1.1\r\nHost: 127.0.0.1:${caddy.port}\r\nContent-Length: 10\r\n\r\n`;
    // Caddy closes the connection. What the service would have answered to a whole body is not in the answer.
    expect(await talk(caddy.port, `${head}{`)).not.toContain("bytes");
    const ended = reader?.read().then(() => "ended");
    expect(await Promise.race([ended, new Promise((resolve) => setImmediate(() => resolve("goes on")))])).toBe(
      "goes on",
    );
    leaving.abort();
    await ended?.catch(() => undefined);
  }, 20_000);
});

describe("Caddy answers by itself", () => {
  test.each([
    ["/", "application/json"],
    ["/docs", "text/html; charset=utf-8"],
    ["/docs/", "text/html; charset=utf-8"],
    ["/redoc", "text/html; charset=utf-8"],
    ["/docs/projects", "text/html; charset=utf-8"],
    ["/docs/errors", "text/html; charset=utf-8"],
    ["/api/v1/openapi.json", "application/json"],
    ["/docs/assets/init.js", "text/javascript; charset=utf-8"],
    ["/docs/assets/icon.svg", "image/svg+xml"],
  ])("%s, as %s, with the headers of every answer", async (path, type) => {
    const response = await ask(path);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    expect(response.headers.get("content-security-policy")).toStartWith("default-src 'self'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get("server")).toBeNull();
  });

  test.each([
    ["ok", "ok", "ok", 200, { service: "messaging", status: "ok" }],
    ["degraded", "ok", "ok", 200, { service: "identity", status: "degraded" }],
    ["ok", "degraded", "degraded", 200, { service: "projects", status: "degraded" }],
    ["ok", "ok", "degraded", 200, { service: "messaging", status: "degraded" }],
    ["unavailable", "degraded", "ok", 503, { service: "identity", status: "unavailable" }],
    ["degraded", "unavailable", "ok", 503, { service: "projects", status: "unavailable" }],
    ["degraded", "ok", "unavailable", 503, { service: "messaging", status: "unavailable" }],
  ])("/health/ready with the worst of identity %s, projects %s, messaging %s", async (...its) => {
    const [identity, projects, messaging, status, body] = its;
    for (const [service, state] of Object.entries({ identity, projects, messaging })) {
      states.set(service as ServiceName, state);
    }
    for (const path of ["/health/ready", "/ready"]) {
      const response = await ask(path);
      expect([response.status, await response.json()]).toEqual([status, body]);
      expect(response.headers.get("stoa-health")).toBeNull();
    }
    states.clear();
  });

  test.each([...services])("502 for /health/ready when %s takes requests and answers none", async (service) => {
    await using impatient = await start({ READINESS_TIMEOUT: "100ms" });
    states.set(service, "silent");
    const response = await fetch(`${impatient.url}/health/ready`);
    states.clear();
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error_code: "upstream_unavailable" });
  });

  test("/ with a description of the API", async () => {
    expect(await (await ask("/")).json()).toMatchObject({
      name: "Stoa",
      api: "/api/v1",
      docs: "/docs",
      health: "/health",
    });
  });

  test("/docs/errors to a program, as JSON", async () => {
    const response = await ask("/docs/errors", { headers: { accept: "application/json" } });
    expect(response.headers.get("vary")).toContain("Accept");
    expect(await response.json()).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ error_code: "not_found" })]),
    });
  });

  test("HEAD like GET, without a body", async () => {
    const response = await ask("/docs", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test.each([
    "/nothing",
    "/api/v1/nothing",
    "/api/v2/tasks",
    "/tasksx",
    "/docs/nobody",
    "/docs/assets/nothing.js",
    "/openapi.json",
    "/index.json",
    "/docs/errors.json",
  ])("404 as a problem document for %s", async (path) => {
    const response = await ask(path, { headers: { "X-Request-Id": "r-1" } });
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect(response.headers.get("x-request-id")).toBe("r-1");
    expect(await response.json()).toEqual({
      type: "/docs/errors#not_found",
      title: "Not found",
      status: 404,
      detail: "There is no such resource, or it is in a trash that you may not open.",
      instance: path,
      error_code: "not_found",
      request_id: "r-1",
    });
  });

  test("with valid JSON, even when the path or the request id has quotes", async () => {
    const response = await ask("/a%22%0a%5c", { headers: { "X-Request-Id": '"\\' } });
    expect(await response.json()).toMatchObject({
      error_code: "not_found",
      instance: "/",
      request_id: "as in X-Request-Id",
    });
  });

  test("405 with Allow on pages, which can only be read", async () => {
    const response = await ask("/docs", { method: "POST", body: "x" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await response.json()).toMatchObject({ error_code: "method_not_allowed" });
  });

  test("502 as a problem document when the service is down", async () => {
    await upstreams.get("projects")?.stop(true);
    const response = await ask("/tasks/1", { method: "POST", body: "{}" });
    expect([response.status, response.headers.get("content-type")]).toEqual([502, "application/problem+json"]);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ error_code: "upstream_unavailable", instance: "/tasks/1" });
    expect((await ask("/health/ready")).status).toBe(502);
  });
});

test("the Caddyfile in the repository is generated from the present route table", async () => {
  expect(await Bun.file(new URL("Caddyfile", import.meta.url)).text()).toBe(caddyfile());
});
