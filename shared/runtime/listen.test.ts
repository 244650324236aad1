import { expect, test } from "bun:test";
import { listen } from "./listen.ts";

test("a body of any size reaches the handler, who may refuse it unread", async () => {
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

test("who asks for it to stop waits for what runs, until the grace is over: then that is cut", async () => {
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
  expect(fetch(url)).rejects.toThrow();
});
