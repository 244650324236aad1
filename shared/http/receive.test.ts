import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { Type } from "@sinclair/typebox";
import { controller, operation, Text } from "./index.ts";
import { bodyDeadline, discardUnread, platformTimer, type Timer } from "./receive.ts";
import { harness } from "./test/harness.ts";

/** A timer that fires when it is told to. */
function settableTimer() {
  const waiting = new Map<object, { ms: number; run: () => void }>();
  const timer: Timer = (ms, run) => {
    const key = {};
    waiting.set(key, { ms, run });
    return () => void waiting.delete(key);
  };
  return {
    timer,
    pending: () => [...waiting.values()].map(({ ms }) => ms),
    fire: () => {
      for (const { run } of waiting.values()) run();
    },
  };
}

const clock = settableTimer();
const started: (() => void)[] = [];
const world = harness(
  (http) => [
    controller(http).post(
      "/notes",
      ({ body }) => body,
      operation({
        id: "test.note",
        access: "user",
        summary: "Note",
        body: Type.Object({ text: Text({ max: 100 }) }),
        answer: undefined,
      }),
    ),
  ],
  { timer: clock.timer, rate_limit_scale: 0 },
);
let server: ReturnType<typeof Bun.serve>;
beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: async (request) => {
      const answer = world.app.fetch(request);
      started.shift()?.();
      return answer;
    },
  });
});
afterAll(() => server.stop(true));

/** Sends the beginning of a request, and what else is asked for; says what came back until the connection was closed. */
function talk(head: readonly string[], body: string | Uint8Array = "") {
  const arrived = new Promise<void>((resolve) => started.push(resolve));
  const socket = connect(server.port ?? 0, "127.0.0.1");
  const lines = ["POST /notes HTTP/1.1", "Host: stoa.test", "Content-Type: application/json", ...head, "", ""];
  socket.write(lines.join("\r\n"));
  socket.write(body);
  let text = "";
  let error: string | undefined;
  socket.on("data", (data) => {
    text += data;
  });
  socket.on("error", (thrown: Error & { code?: string }) => {
    error = thrown.code;
  });
  const closed = new Promise<{ text: string; error: string | undefined }>((resolve) =>
    socket.on("close", () => resolve({ text, error })),
  );
  return { socket, arrived, closed };
}

const ann = "Authorization: Bearer ann";
const lastLine = () => world.lines.at(-1);

describe("a body", () => {
  test("has 30 s and its size at 50 kB/s", () => {
    expect([bodyDeadline(0), bodyDeadline(1_000_000), bodyDeadline(16 * 1024 * 1024)]).toEqual([
      30_000, 50_000, 365_545,
    ]);
  });

  test.each([
    ["with a length", ["Content-Length: 50000"], "{", 31_000],
    ["in chunks, which is given the time of the largest", ["Transfer-Encoding: chunked"], "1\r\n{\r\n", 50_972],
  ])("%s that does not arrive in time is 408, and its connection is closed", async (_, head, body, ms) => {
    const { arrived, closed } = talk([...head, ann], body);
    await arrived;
    while (clock.pending().length === 0) await new Promise(setImmediate);
    expect(clock.pending()).toEqual([ms]);
    clock.fire();
    const { text } = await closed;
    expect(text).toStartWith("HTTP/1.1 408 ");
    expect(text).toContain('"error_code":"request_timeout"');
    expect(clock.pending()).toEqual([]);
  });

  test("that arrives leaves no timer behind", async () => {
    expect((await world.call("POST", "/notes", { as: "ann", json: { text: "a" } })).json).toEqual({ text: "a" });
    expect(clock.pending()).toEqual([]);
  });

  test.each([
    ["with a length", ["Content-Length: 50"], "{"],
    ["in chunks", ["Transfer-Encoding: chunked"], "1\r\n{\r\n"],
  ])("%s whose client leaves in the middle is no failure of the server", async (_, head, body) => {
    const before = world.lines.length;
    const { socket, arrived, closed } = talk([...head, ann], body);
    await arrived;
    while (clock.pending().length === 0) await new Promise(setImmediate);
    socket.destroy();
    await closed;
    while (world.lines.length === before) await new Promise(setImmediate);
    expect(lastLine()).toMatchObject({ level: "info", fields: { status: 400, error_code: "malformed_json" } });
    expect(clock.pending()).toEqual([]);
  });
});

describe("the refusal of a large body is read by a client that asked to close the connection", () => {
  const size = 8 * 1024 * 1024;
  const chunk = `${size.toString(16)}\r\n`;
  test.each([
    ["with a length that is too large", [`Content-Length: ${size}`, ann], "", 413],
    ["in chunks that become too large", ["Transfer-Encoding: chunked", ann], chunk, 413],
    ["without a token", [`Content-Length: ${size}`], "", 401],
  ])("%s", async (_, head, before, status) => {
    const { socket, closed } = talk(["Connection: close", ...head], before);
    // The answer is not read before everything was sent, as most clients do it.
    socket.pause();
    await new Promise<void>((sent) => {
      socket.write(new Uint8Array(size).fill(0x20), () => sent());
    });
    if (before !== "") socket.write("\r\n0\r\n\r\n");
    socket.resume();
    const { text, error } = await closed;
    expect(text).toStartWith(`HTTP/1.1 ${status} `);
    expect(error).toBeUndefined();
    expect(clock.pending()).toEqual([]);
  });

  test("but no more than 5 s or 32 MiB of it", async () => {
    const { closed, arrived } = talk(["Connection: close", "Content-Length: 99999999999", ann]);
    await arrived;
    while (!clock.pending().includes(5_000)) await new Promise(setImmediate);
    clock.fire();
    expect((await closed).text).toStartWith("HTTP/1.1 413 ");
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(stream) {
        sent += 1024 * 1024;
        stream.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const headers = { "content-type": "application/json", connection: "close" };
    expect((await world.call("POST", "/notes", { as: "ann", raw: endless, headers })).code).toBe("payload_too_large");
    expect(sent).toBeLessThanOrEqual(36 * 1024 * 1024);
  });

  test("and one that leaves meanwhile needs none, while any other error is thrown", async () => {
    const failing = (error: Error) =>
      new Request("http://stoa.test/", {
        method: "POST",
        headers: { connection: "close" },
        body: new ReadableStream({ pull: () => Promise.reject(error) }),
      });
    const left = Object.assign(new Error("gone"), { name: "AbortError" });
    await discardUnread(failing(left), platformTimer);
    await expect(discardUnread(failing(new Error("broken")), platformTimer)).rejects.toThrow("broken");
  });
});
