import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServiceName, services } from "@stoa/events";
import { caddyfile } from "./caddyfile.ts";
import { dispatch } from "./dispatch.ts";
import { older, resources } from "./routes.ts";
import { writeSite } from "./site.ts";

interface Echo {
  service: ServiceName;
  method: string;
  path: string;
  request_id: string | null;
  forwarded: string | null;
  bytes: number;
}

let folder: string;
let caddy: Bun.Subprocess;
let base: string;
const upstreams = new Map(services.map((service) => [service, upstream(service)]));

/** A service that says what reached it. */
function upstream(service: ServiceName) {
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    maxRequestBodySize: 64_000_000,
    async fetch(request, server) {
      const { pathname, search } = new URL(request.url);
      if (pathname.endsWith("/stream")) return events(request.signal);
      if (pathname.endsWith("/ws")) return server.upgrade(request) ? undefined : new Response(null, { status: 400 });
      if (search === "?fail") return Response.json({ error_code: "not_a_member" }, { status: 422 });
      const answer: Echo = {
        service,
        method: request.method,
        path: pathname + search,
        request_id: request.headers.get("x-request-id"),
        forwarded: request.headers.get("x-forwarded-for"),
        bytes: (await request.bytes()).length,
      };
      return Response.json(answer);
    },
    websocket: { message: (socket, message) => void socket.send(`echo ${message}`) },
  });
}

/** One event at once, nothing more: a client sees it only if nobody on the way waits for more. */
function events(signal: AbortSignal): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue("data: first\n\n");
      signal.addEventListener("abort", () => controller.close());
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stoa-caddy-"));
  await writeSite(join(folder, "site"));
  await Bun.write(join(folder, "Caddyfile"), caddyfile());
  const free = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  base = `http://127.0.0.1:${free.port}`;
  await free.stop(true);
  const address = (service: ServiceName) => `127.0.0.1:${upstreams.get(service)?.port}`;
  caddy = Bun.spawn(["caddy", "run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      SITE_ADDRESS: base,
      SITE_ROOT: join(folder, "site"),
      CSP_MODE: "strict",
      IDENTITY_UPSTREAM: address("identity"),
      PROJECTS_UPSTREAM: address("projects"),
      // The first is away: the other answers.
      MESSAGING_UPSTREAM: `127.0.0.1:1 ${address("messaging")}`,
    },
    stdout: "ignore",
    stderr: "ignore",
  });
  const listening = async () =>
    fetch(base).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await listening())) {
    if (caddy.exitCode !== null) throw new Error(`Caddy ended with ${caddy.exitCode}.`);
    await Bun.sleep(20);
  }
}, 30_000);

afterAll(async () => {
  caddy.kill("SIGKILL");
  await caddy.exited;
  await Promise.all([...upstreams.values()].map((server) => server.stop(true)));
  await rm(folder, { recursive: true });
});

const ask = (path: string, init: RequestInit = {}) => fetch(base + path, { redirect: "manual", ...init });
const echo = async (path: string, init?: RequestInit) => (await (await ask(path, init)).json()) as Echo;

describe("Caddy and the standalone's dispatcher agree on", () => {
  const names = services.flatMap((service) => resources[service]).filter((name) => name !== "stream" && name !== "ws");
  const paths = [
    ...names.flatMap((name) => [`/api/v1/${name}`, `/api/v1/${name}/x%20y?z=%2F&q=a%26b`]),
    ...older.filter(([, to]) => to.startsWith("/api/")).flatMap(([from]) => [`${from}?a=1`, `${from}/x/%C3%A9?z=1`]),
    ...services.flatMap((service) => [`/health/${service}`, `/health/${service}/ready`]),
    "/.well-known/jwks.json",
  ];
  test.each(paths)("%s", async (path) => {
    const { to, request } = dispatch(new Request(base + path));
    const answer = await echo(path);
    expect(answer.service).toBe(to as ServiceName);
    expect(answer.path.replace(/\/(?=\?|$)/, "")).toBe(request.url.slice(base.length));
  });
});

describe("Caddy hands on", () => {
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

  test.each(["POST", "PUT", "PATCH", "DELETE"])("%s with its body, also by an older path", async (method) => {
    expect(await echo("/tasks", { method, body: "{}" })).toMatchObject({ service: "projects", method, bytes: 2 });
  });

  test("a body larger than any service takes, for the service to refuse", async () => {
    expect(await echo("/data/save", { method: "POST", body: new Uint8Array(20_000_000) })).toMatchObject({
      bytes: 20_000_000,
    });
  });

  test("the client's request id, whatever it is, or a new one", async () => {
    expect((await echo("/tasks", { headers: { "X-Request-Id": 'a "b" \\ c' } })).request_id).toBe('a "b" \\ c');
    expect((await echo("/tasks")).request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await echo("/tasks", { headers: { "X-Request-Id": "x".repeat(129) } })).request_id).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  test("the client's address, not the one that the client claims", async () => {
    expect((await echo("/tasks", { headers: { "X-Forwarded-For": "203.0.113.9" } })).forwarded).toBe("127.0.0.1");
  });

  test("a service's own error as it is", async () => {
    const response = await ask("/api/v1/tasks?fail");
    expect([response.status, await response.json()]).toEqual([422, { error_code: "not_a_member" }]);
  });

  test("an event of a stream at once", async () => {
    const controller = new AbortController();
    const response = await ask("/api/v1/stream", { signal: controller.signal });
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe("data: first\n\n");
    controller.abort();
  });

  test("a socket's frames", async () => {
    const socket = new WebSocket(`${base.replace("http", "ws")}/api/v1/ws`);
    const answer = new Promise((resolve) => socket.addEventListener("message", ({ data }) => resolve(data)));
    socket.addEventListener("open", () => socket.send("hello"));
    expect(await answer).toBe("echo hello");
    socket.close();
  });
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

  test("/ with what there is", async () => {
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
      detail: "There is nothing here, or you may not see it.",
      instance: path,
      error_code: "not_found",
      request_id: "r-1",
    });
  });

  test("with JSON also where the path or the request id would break it", async () => {
    const response = await ask("/a%22%0a%5c", { headers: { "X-Request-Id": '"\\' } });
    expect(await response.json()).toMatchObject({
      error_code: "not_found",
      instance: "/",
      request_id: "as in X-Request-Id",
    });
  });

  test("405 with Allow where only reading makes sense", async () => {
    const response = await ask("/docs", { method: "POST", body: "x" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await response.json()).toMatchObject({ error_code: "method_not_allowed" });
  });

  test("502 as a problem document when the service is away", async () => {
    await upstreams.get("projects")?.stop(true);
    const response = await ask("/tasks/1", { method: "POST", body: "{}" });
    expect([response.status, response.headers.get("content-type")]).toEqual([502, "application/problem+json"]);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ error_code: "upstream_unavailable", instance: "/tasks/1" });
  });
});

test("the Caddyfile in the repository is the one that the table makes", async () => {
  expect(await Bun.file(new URL("Caddyfile", import.meta.url)).text()).toBe(caddyfile());
});
