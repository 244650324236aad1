import { afterAll, expect, test } from "bun:test";
import { eventually } from "@stoa/testing";
import { textStream } from "./text-stream.ts";

const closing = new AbortController();
const failures: unknown[] = [];
let ended = 0;

/** More than any buffer on the way to a client holds. */
async function* endless(fail = false): AsyncGenerator<string> {
  try {
    for (let piece = 0; ; piece++) {
      if (fail && piece === 3) throw new Error("broken");
      yield "x".repeat(1_000_000);
    }
  } finally {
    ended++;
  }
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: ({ url }) => {
    const failed = (error: unknown) => failures.push(error);
    return new Response(textStream(endless(url.endsWith("/broken")), { closing: closing.signal, failed }));
  },
});
afterAll(() => server.stop(true));

test("a client who leaves ends the making", async () => {
  const leaving = new AbortController();
  const response = await fetch(server.url, { signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  await eventually(() => ended === 1);
  expect(failures).toEqual([]);
});

test("a failure is told, and an error to its client", async () => {
  const response = await fetch(new URL("/broken", server.url));
  await expect(response.text()).rejects.toThrow();
  expect(failures).toEqual([new Error("broken")]);
});

test("a server that closes cuts off what is being sent, which its client notices", async () => {
  const response = await fetch(server.url);
  const reader = response.body?.getReader();
  await reader?.read();
  closing.abort();
  const rest = async () => {
    while (!(await reader?.read())?.done);
  };
  await expect(rest()).rejects.toThrow();
});
