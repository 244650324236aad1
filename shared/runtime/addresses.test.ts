import { expect, test } from "bun:test";
import { addresses } from "./addresses.ts";
import { listen } from "./listen.ts";

test("the address of a client is known while its request is under way, and that of a request made here when it was said", async () => {
  const peers = addresses();
  const made = () => new Request("http://localhost/");
  expect(peers.of(made())).toBeUndefined();
  const listener = listen({
    host: "127.0.0.1",
    port: 0,
    addresses: peers,
    handle: (request) => Response.json([peers.of(request), peers.of(peers.note(made(), "192.0.2.7"))]),
  });
  const answer = await fetch(`http://127.0.0.1:${listener.port}/`);
  expect(await answer.json()).toEqual(["127.0.0.1", "192.0.2.7"]);
  expect(peers.of(peers.note(made(), undefined))).toBeUndefined();
  await listener.stop();
});
