import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { type CuttingProxy, startProxy } from "./cutting-proxy.ts";

let heard = 0;
let server: Bun.Server<undefined>;
let proxy: CuttingProxy;

beforeAll(async () => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      heard += 1;
      return new Response(await request.text());
    },
  });
  proxy = await startProxy(server.port ?? 0);
});

beforeEach(() => {
  heard = 0;
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.stop(true);
});

const send = (body: string) =>
  fetch(proxy.url, { method: "POST", body, keepalive: false }).then((answer) => answer.text());

test("it forwards everything, also when it is long", async () => {
  const long = "stoa".repeat(1_000_000);
  expect(await send(long)).toBe(long);
});

test("a request that is cut never reaches the server", async () => {
  proxy.cut("request");
  await expect(send("x")).rejects.toThrow();
  expect(heard).toBe(0);
  expect(await send("y")).toBe("y");
});

test("an answer that is cut was sent by the server", async () => {
  proxy.cut("answer", 2);
  await expect(send("x")).rejects.toThrow();
  await expect(send("x")).rejects.toThrow();
  expect(heard).toBe(2);
  expect(await send("y")).toBe("y");
  expect(proxy.cuts).toBeGreaterThanOrEqual(3);
});

test.each(["request", "answer"] as const)("only a %s with a text is cut, if one is given", async (what) => {
  proxy.cut(what, 1, "stoa");
  expect(await send("another")).toBe("another");
  await expect(send("for stoa")).rejects.toThrow();
  expect(await send("for stoa")).toBe("for stoa");
  expect(heard).toBe(what === "request" ? 2 : 3);
});

test("a request fails when no server is behind the proxy", async () => {
  await using nobody = await startProxy(1);
  await expect(fetch(nobody.url)).rejects.toThrow();
});
