import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { isOlder } from "@stoa/http/older";
import { dispatch, originalOf } from "./dispatch.ts";
import { older, passedOn, resources } from "./routes.ts";

const at = (path: string, init?: RequestInit) => {
  const { to, request } = dispatch(new Request(`http://stoa.test${path}`, init));
  return { to, path: request.url.slice("http://stoa.test".length) };
};

describe("a path", () => {
  test.each(Object.entries(resources).flatMap(([service, names]) => names.map((name) => [name, service] as const)))(
    "under /api/v1/%s goes to %s unchanged",
    (name, service) => {
      for (const tail of ["", "/", "/x", "/x/y?z=/auth&z=#f", "?q=1"]) {
        const request = new Request(`http://stoa.test/api/v1/${name}${tail}`);
        expect(dispatch(request)).toEqual({ to: service as "identity", request });
        expect(dispatch(request).request).toBe(request);
      }
    },
  );

  test.each([...older])("of older clients, %s, becomes %s", (from, to) => {
    for (const tail of ["", "/x", "/x/y?z=1&y=/", "?q=%20"]) {
      const { request } = dispatch(new Request(`http://stoa.test${from}${tail}`));
      expect([request.url, isOlder(request)]).toEqual([`http://stoa.test${to}${tail}`, true]);
    }
  });

  test.each(Object.entries(passedOn))("of the corporate clients, %s, goes to %s as it came", (path, service) => {
    for (const tail of ["", "/", "?q=1"]) {
      const request = new Request(`http://stoa.test${path}${tail}`);
      expect(dispatch(request)).toEqual({ to: service, request });
    }
  });

  test.each([
    ["/auth/login", "identity"],
    ["/api/auth/me", "identity"],
    ["/user/login", "identity"],
    ["/projects/1", "projects"],
    ["/api/tasks", "projects"],
    ["/data/save", "projects"],
    ["/live", "gateway"],
    ["/db-test", "gateway"],
    ["/redoc", "gateway"],
    ["/.well-known/jwks.json", "identity"],
    ["/health/messaging", "messaging"],
    ["/health/identity/ready", "identity"],
    ["/health", "gateway"],
    ["/health/ready", "gateway"],
    ["/", "gateway"],
    ["/docs", "gateway"],
    ["/docs/projects/json", "gateway"],
    ["/api/v1/openapi.json", "gateway"],
  ])("%s is answered by %s", (path, to) => {
    expect(at(path).to).toBe(to as "gateway");
  });

  test.each([
    "/api/v1",
    "/api/v1/",
    "/api/v1/nothing",
    "/api/v1/taskss",
    "/api/v1//tasks",
    "/api/v1/Tasks",
    "/authority",
    "/tasksx",
    "/data/saved",
    "/data",
    "/api",
    "/api/v2/tasks",
    "//api/v1/tasks",
    "/health/nobody",
    "/healthy",
    "/.well-known-not",
    "/api/messages",
    "/constructor",
    "/api/v1/constructor",
    "/api/v1/__proto__",
  ])("that no service has, %s, goes to the gateway unchanged", (path) => {
    expect(at(path)).toEqual({ to: "gateway", path });
  });

  test("under /health/ and the name of a service goes to that service", () => {
    expect(at("/health/messaging")).toEqual({ to: "messaging", path: "/health" });
    expect(at("/health/identity/db?x=1")).toEqual({ to: "identity", path: "/health/db?x=1" });
  });
});

describe("a rewritten request", () => {
  test("keeps its method, headers and body, and originalOf returns the received request", async () => {
    const received = new Request("http://stoa.test/tasks?a=1", {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": "r1" },
      body: '{"title":"x"}',
    });
    const { request } = dispatch(received);
    expect([request.method, request.url]).toEqual(["POST", "http://stoa.test/api/v1/tasks?a=1"]);
    expect(request.headers.get("x-request-id")).toBe("r1");
    expect(originalOf(request)).toBe(received);
    expect(originalOf(received)).toBe(received);
    expect(await request.json()).toEqual({ title: "x" });
  });

  test("is aborted with the received request", () => {
    const controller = new AbortController();
    const { request } = dispatch(new Request("http://stoa.test/tasks", { signal: controller.signal }));
    controller.abort();
    expect(request.signal.aborted).toBe(true);
  });
});

describe("on a real server", () => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (received, self) => {
      const { to, request } = dispatch(received);
      const address = self.requestIP(originalOf(request))?.address;
      return Response.json({ to, url: request.url, address, bytes: (await request.bytes()).length });
    },
  });
  afterAll(() => server.stop(true));

  /** Sends bytes as they are and returns the JSON of the response. */
  const send = (head: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      let answer = "";
      const socket = connect(server.port ?? 0, "127.0.0.1", () => socket.write(head));
      socket.on("data", (data) => {
        answer += data;
      });
      socket.on("close", () => resolve(JSON.parse(answer.slice(answer.indexOf("{")))));
      socket.on("error", reject);
    });

  test.each(["a", "x:1", "a.b", "[::1]", "stoa.example.com:8080"])(
    "a Host header of %s does not change the path",
    async (host) => {
      const answer = await send(`GET /auth/me?x=1 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatchObject({ to: "identity", url: `http://${host}/api/v1/auth/me?x=1`, address: "127.0.0.1" });
    },
  );

  test("a request without a Host header keeps its path", async () => {
    const address = "127.0.0.1";
    const expected = { to: "projects", url: "http://localhost/api/v1/tasks?x=a://b/c", address };
    expect(await send("GET /tasks?x=a://b/c HTTP/1.0\r\n\r\n")).toMatchObject(expected);
    expect(await send("GET /api/v1/tasks?x=a://b/c HTTP/1.0\r\n\r\n")).toMatchObject(expected);
  });

  test("a large body is streamed completely through a rewritten path", async () => {
    const response = await fetch(new URL("/data/save", server.url), {
      method: "POST",
      body: new Uint8Array(12_000_000),
    });
    expect(await response.json()).toMatchObject({ to: "projects", bytes: 12_000_000 });
  });
});
