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
