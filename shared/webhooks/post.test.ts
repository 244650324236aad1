import { afterAll, describe, expect, test } from "bun:test";
import { temporaryDirectory } from "@stoa/testing";
import { webhookPost } from "./post-bun.ts";
import { webhookPostOnDemand } from "./post-on-demand-bun.ts";
import type { TargetPolicy } from "./target.ts";

const receivers: { stop(force: boolean): unknown }[] = [];
afterAll(() => Promise.all(receivers.map((each) => each.stop(true))));

type Receive = (request: Request) => Response | Promise<Response>;

/** A receiver on this machine. */
function receiver(fetch: Receive, tls?: { key: string; cert: string }) {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 60, fetch, ...(tls && { tls }) });
  receivers.push(server);
  return server;
}

const here: TargetPolicy = { allowed: ["127.0.0.0/8"], https_only: false };
const nowhere: TargetPolicy = { allowed: [], https_only: false };
const signal = new AbortController().signal;
const headers = { "content-type": "application/json", "webhook-id": "1" };
const to = (url: string) => ({ url, headers, body: '{"a":"ü"}', signal });

describe("sending", () => {
  test("posts the body with its headers and the host's name, and returns the status", async () => {
    const got: unknown[] = [];
    const server = receiver(async (request) => {
      const { method, url } = request;
      got.push([method, new URL(url).pathname, new URL(url).search, await request.text()]);
      got.push(["content-type", "webhook-id", "host"].map((name) => request.headers.get(name)));
      return new Response("a secret", { status: 202 });
    });
    const post = webhookPost(here, { resolve: async () => ["127.0.0.1"] });
    expect(await post(to(`http://hooks.example:${server.port}/in?x=1`))).toEqual({ status: 202, retry_after: null });
    expect(got).toEqual([
      ["POST", "/in", "?x=1", '{"a":"ü"}'],
      ["application/json", "1", `hooks.example:${server.port}`],
    ]);
  });

  test("is the same where it is loaded with the first delivery", async () => {
    const server = receiver(() => new Response(null, { status: 204 }));
    const post = webhookPostOnDemand(here);
    const url = `http://127.0.0.1:${server.port}/`;
    for (const _ of ["the first", "the second"])
      expect(await post(to(url))).toEqual({ status: 204, retry_after: null });
    expect(await webhookPostOnDemand(nowhere)(to(url))).toEqual({ status: null });
  });

  test("tells of Retry-After", async () => {
    const server = receiver(() => new Response(null, { status: 503, headers: { "retry-after": "7" } }));
    expect(await webhookPost(here)(to(`http://127.0.0.1:${server.port}/`))).toEqual({ status: 503, retry_after: "7" });
  });

  test("follows no redirect", async () => {
    let followed = 0;
    const target = receiver(() => {
      followed++;
      return new Response();
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const server = receiver(
        () => new Response(null, { status, headers: { location: `http://127.0.0.1:${target.port}/` } }),
      );
      expect((await webhookPost(here)(to(`http://127.0.0.1:${server.port}/`))).status).toBe(status);
    }
    expect(followed).toBe(0);
  });

  test("reads nothing of a body that has no end", async () => {
    const { promise: cut, resolve } = Promise.withResolvers<void>();
    let chunks = 0;
    const server = receiver(
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              chunks++;
              controller.enqueue(new Uint8Array(65_536));
              await new Promise(setImmediate);
            },
            cancel: () => resolve(),
          }),
        ),
    );
    expect((await webhookPost(here)(to(`http://127.0.0.1:${server.port}/`))).status).toBe(200);
    await cut;
    expect(chunks).toBeGreaterThan(0);
  });

  test("gives up on a receiver that does not answer, or not to the end of the head, in time", async () => {
    const silent = receiver(() => new Promise<Response>(() => undefined));
    const post = webhookPost(here, { timeoutMs: 100 });
    expect(await post(to(`http://127.0.0.1:${silent.port}/`))).toEqual({ status: null });
    const slow = Bun.listen({
      port: 0,
      hostname: "127.0.0.1",
      socket: { data: (socket) => void socket.write("HTTP/1.1 200 OK\r\nx-slow: ") },
    });
    receivers.push(slow);
    expect(await post(to(`http://127.0.0.1:${slow.port}/`))).toEqual({ status: null });
    const stuck = webhookPost(here, { timeoutMs: 50, resolve: () => new Promise(() => undefined) });
    expect(await stuck(to("http://hooks.example/"))).toEqual({ status: null });
  });

  test("has no status for a receiver that is not there, speaks no HTTP, or has no address; nor when it is called off", async () => {
    const closed = receiver(() => new Response());
    const { port } = closed;
    await closed.stop(true);
    expect(await webhookPost(here)(to(`http://127.0.0.1:${port}/`))).toEqual({ status: null });
    const rubbish = Bun.listen({
      port: 0,
      hostname: "127.0.0.1",
      socket: { data: (socket) => void socket.end("what?\r\n\r\n") },
    });
    receivers.push(rubbish);
    expect(await webhookPost(here)(to(`http://127.0.0.1:${rubbish.port}/`))).toEqual({ status: null });
    const lost = webhookPost(here, { resolve: () => Promise.reject(new Error("no such host")) });
    expect(await lost(to("http://hooks.example/"))).toEqual({ status: null });
    expect(await webhookPost(here, { resolve: async () => [] })(to("http://hooks.example/"))).toEqual({ status: null });
    const silent = receiver(() => new Promise<Response>(() => undefined));
    const off = AbortSignal.abort();
    expect(await webhookPost(here)({ ...to(`http://127.0.0.1:${silent.port}/`), signal: off })).toEqual({
      status: null,
    });
  });

  test("asks DNS itself when nothing else is said", async () => {
    const server = receiver(() => new Response(null, { status: 204 }));
    const local = { allowed: ["localhost"], https_only: false };
    expect((await webhookPost(local)(to(`http://localhost:${server.port}/`))).status).toBe(204);
    expect(await webhookPost(nowhere)(to(`http://localhost:${server.port}/`))).toEqual({ status: null });
  });
});

describe("addresses", () => {
  test("that are private are not connected to: given in the URL, or by DNS, one among public ones too", async () => {
    let reached = 0;
    const { port } = receiver(() => {
      reached++;
      return new Response();
    });
    const refused = { status: null };
    expect(await webhookPost(nowhere)(to(`http://127.0.0.1:${port}/`))).toEqual(refused);
    expect(await webhookPost(nowhere)(to(`http://[::ffff:127.0.0.1]:${port}/`))).toEqual(refused);
    for (const answers of [
      ["127.0.0.1"],
      ["::ffff:127.0.0.1"],
      ["1.1.1.1", "127.0.0.1"],
      ["127.0.0.1", "2606:4700::1111"],
    ]) {
      const post = webhookPost(nowhere, { resolve: async () => answers });
      expect(await post(to(`http://hooks.example:${port}/`))).toEqual(refused);
    }
    expect(reached).toBe(0);
  });

  test("are those that were checked, whatever DNS says a moment later (rebinding)", async () => {
    const [first, second] = ["first", "second"].map((name) => {
      const server = { name, reached: 0, port: 0 };
      server.port = receiver(() => {
        server.reached++;
        return new Response();
      }).port as number;
      return server;
    });
    // The name stands for the one checked address once, and for another afterwards: it is asked exactly once.
    const said = [["127.0.0.1"], ["127.0.0.2"]];
    let asked = 0;
    const post = webhookPost(here, { resolve: async () => said[asked++] ?? [] });
    expect((await post(to(`http://rebinding.example:${first?.port}/`))).status).toBe(200);
    expect([asked, first?.reached, second?.reached]).toEqual([1, 1, 0]);
    // And a name that DNS does not know at all is connected to by its checked address: the client asks nobody.
    const pinned = webhookPost(here, { resolve: async () => ["127.0.0.1"] });
    expect((await pinned(to(`http://no-such-host.invalid:${second?.port}/`))).status).toBe(200);
  });

  test("of IPv4 come first, for many machines have no other way out", async () => {
    const server = receiver(() => new Response());
    const post = webhookPost(here, { resolve: async () => ["2606:4700::1111", "127.0.0.1"] });
    expect((await post(to(`http://hooks.example:${server.port}/`))).status).toBe(200);
  });
});

test("over TLS the certificate is that of the host's name, not of the address, and an unknown one is refused", async () => {
  await using folder = await temporaryDirectory("webhook-tls");
  const [key, cert] = [`${folder.path}/key.pem`, `${folder.path}/cert.pem`];
  const made = Bun.spawnSync([
    ..."openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hooks.example".split(
      " ",
    ),
    ..."-addext subjectAltName=DNS:hooks.example".split(" "),
    ...["-keyout", key, "-out", cert],
  ]);
  expect(made.exitCode).toBe(0);
  const pem = { key: await Bun.file(key).text(), cert: await Bun.file(cert).text() };
  const server = receiver(
    (request) => new Response(null, { headers: { "x-host": request.headers.get("host") ?? "" } }),
    pem,
  );
  const resolve = async () => ["127.0.0.1"];
  const trusting = webhookPost(here, { resolve, ca: pem.cert });
  expect((await trusting(to(`https://hooks.example:${server.port}/`))).status).toBe(200);
  expect(await trusting(to(`https://other.example:${server.port}/`))).toEqual({ status: null });
  expect(await trusting(to(`https://127.0.0.1:${server.port}/`))).toEqual({ status: null });
  expect(await webhookPost(here, { resolve })(to(`https://hooks.example:${server.port}/`))).toEqual({ status: null });
});
