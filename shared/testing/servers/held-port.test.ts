import { expect, test } from "bun:test";
import { holdPort } from "./held-port.ts";
import { startProcess } from "./process.ts";
import { reachable } from "./reachable.ts";

const listenOn = (port: number) => Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });

test("nothing listens on a held port until a server does, and it may do so again and again", async () => {
  using held = await holdPort();
  expect(await reachable(held.port)).toBe(false);
  for (let times = 0; times < 2; times++) {
    const server = listenOn(held.port);
    expect(await reachable(held.port)).toBe(true);
    server.stop(true);
    expect(await reachable(held.port)).toBe(false);
  }
});

test("a server in another process may listen there, be killed, and listen there again", async () => {
  using held = await holdPort();
  const script = `Bun.listen({ hostname: "127.0.0.1", port: ${held.port}, socket: { data: () => undefined } });`;
  const ready = () => reachable(held.port);
  await using server = await startProcess([process.execPath, "-e", script], { ready });
  await server.kill9();
  await server.start();
  expect(await reachable(held.port)).toBe(true);
});

test("a held port does not prevent a process from ending", async () => {
  const script = `await (await import("${import.meta.dir}/held-port.ts")).holdPort();`;
  expect(await Bun.spawn([process.execPath, "-e", script]).exited).toBe(0);
});
