import { expect, test } from "bun:test";
import { connect } from "node:net";
import { eventually } from "@stoa/testing";
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
