import { expect, test } from "bun:test";
import { connect } from "node:net";
import { eventually, httpDeps } from "@stoa/testing";
import { descriptorLimit, requestCap } from "./descriptors.ts";
import { listen } from "./listen.ts";

test("a body of any size reaches the handler, which may refuse it unread", async () => {
  const handle = () => new Response("too large", { status: 413 });
  const listener = listen({ host: "127.0.0.1", port: 0, handle });
  try {
    const body = new Uint8Array(40 * 1024 * 1024);
    const response = await fetch(`http://127.0.0.1:${listener.port}`, { method: "POST", body });
    expect([response.status, await response.text()]).toEqual([413, "too large"]);
  } finally {
    await listener.stop();
  }
});

test("what is not HTTP, and headers of more than 16 KiB, are refused before the handler", async () => {
  const asked: string[] = [];
  const handle = ({ url }: Request) => {
    asked.push(new URL(url).pathname);
    return new Response("ok");
  };
  const listener = listen({ host: "127.0.0.1", port: 0, handle });
  const answerTo = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(listener.port, "127.0.0.1", () => socket.write(text)).on("error", reject);
      socket.once("data", (data) => {
        socket.destroy();
        resolve(data.toString().split("\r\n")[0] ?? "");
      });
    });
  const headers = (bytes: number) => `Host: stoa.test\r\nX-Long: ${"a".repeat(bytes)}\r\n\r\n`;
  try {
    expect(await answerTo("no HTTP\r\n\r\n")).toBe("HTTP/1.1 400 Bad Request");
    expect(await answerTo(`GET /long HTTP/1.1\r\n${headers(17_000)}`)).toStartWith("HTTP/1.1 431 ");
    expect(await answerTo(`GET /${"a".repeat(17_000)} HTTP/1.1\r\n${headers(1)}`)).toStartWith("HTTP/1.1 431 ");
    expect(await answerTo(`GET /fits HTTP/1.1\r\n${headers(15_000)}`)).toBe("HTTP/1.1 200 OK");
    expect(asked).toEqual(["/fits"]);
  } finally {
    await listener.stop();
  }
});

test("stopping waits for running requests until the grace period is over, then closes their connections", async () => {
  const [asked, never] = [Promise.withResolvers<void>(), Promise.withResolvers<Response>()];
  const handle = () => {
    asked.resolve();
    return never.promise;
  };
  const listener = listen({ host: "127.0.0.1", port: 0, handle, grace_ms: 20 });
  const url = `http://127.0.0.1:${listener.port}`;
  const cut = fetch(url).then(
    () => "answered",
    () => "cut",
  );
  await asked.promise;
  await listener.stop();
  expect(await cut).toBe("cut");
  await expect(fetch(url)).rejects.toThrow();
});

test("a connection whose body never comes is closed, a stream that sends something is not", async () => {
  let stream: ReadableStreamDefaultController<string> | undefined;
  const handle = async (request: Request) => {
    if (request.method === "POST") return new Response(await request.text());
    return new Response(
      new ReadableStream({
        start(controller) {
          stream = controller;
          stream.enqueue("first");
        },
      }),
    );
  };
  const listener = listen({ host: "127.0.0.1", port: 0, handle, idle_seconds: 5 });
  try {
    // It begins before the body that never comes, and outlives it.
    const alive = await fetch(`http://127.0.0.1:${listener.port}`);
    const socket = connect(listener.port, "127.0.0.1").on("error", () => undefined);
    socket.write("POST / HTTP/1.1\r\nHost: stoa.test\r\nContent-Length: 10\r\n\r\n{");
    const isClosed = () => {
      stream?.enqueue(".");
      return socket.closed;
    };
    await eventually(isClosed, { what: "the end of the connection" });
    stream?.enqueue("last");
    stream?.close();
    expect(await alive.text()).toMatch(/^first\.+last$/);
  } finally {
    await listener.stop();
  }
}, 40_000);

test("requests and streams beyond the cap are 503 with Retry-After until one ends; whether it lives is always answered", async () => {
  const warned: object[] = [];
  const log = { ...httpDeps().log, warn: (fields: object) => void warned.push(fields) };
  const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<Response>()];
  const handle = (request: Request): Response | Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/stream") return new Response(new ReadableStream({ start: (stream) => stream.enqueue("x") }));
    if (pathname !== "/held") return new Response("here");
    asked.resolve();
    return held.promise;
  };
  const cap = { most: 2, http: httpDeps({ log }) };
  const listener = listen({ host: "127.0.0.1", port: 0, handle, grace_ms: 20, cap });
  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${listener.port}${path}`, init);
  try {
    expect(await (await ask("/")).text()).toBe("here");
    const leaving = new AbortController();
    const stream = await ask("/stream", { signal: leaving.signal });
    const slow = ask("/held");
    await asked.promise;
    for (const id of ["one", "two"]) {
      const refused = await ask("/api/v1/tasks?a=1", { headers: { "x-request-id": id } });
      expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("x-request-id")]).toEqual([
        503,
        "1",
        id,
      ]);
      expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
      expect(await refused.json()).toMatchObject({
        error_code: "unavailable",
        instance: "/api/v1/tasks",
        request_id: id,
      });
    }
    expect(await (await ask("/health/live")).text()).toBe("here");
    expect(warned).toEqual([{ most: 2 }]);
    held.resolve(new Response("done"));
    expect(await (await slow).text()).toBe("done");
    expect(await (await ask("/")).text()).toBe("here");
    expect(stream.status).toBe(200);
    leaving.abort();
  } finally {
    await listener.stop();
  }
});

test("the cap is below the limit of descriptors, and the start warns of a limit below 4,096", () => {
  const warned: object[] = [];
  const log = { ...httpDeps().log, warn: (fields: object) => void warned.push(fields) };
  expect([requestCap(log, 4_096), requestCap(log, 20_000), requestCap(log, Number.POSITIVE_INFINITY)]).toEqual([
    3_174, 15_897, 1_000_000,
  ]);
  expect(warned).toEqual([]);
  expect([requestCap(log, 1_024), requestCap(log, 64)]).toEqual([716, 16]);
  expect(warned).toEqual([
    { descriptors: 1_024, wanted: 4_096 },
    { descriptors: 64, wanted: 4_096 },
  ]);
  expect(requestCap(log)).toBeGreaterThan(16);
});

test("a shell says the same limit of descriptors as the system", () => {
  expect(descriptorLimit("darwin")).toBe(descriptorLimit());
  expect(descriptorLimit("win32")).toBeUndefined();
});
