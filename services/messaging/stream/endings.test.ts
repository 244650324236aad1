import { expect, test } from "bun:test";
import { purge, sql } from "@stoa/db";
import { eventually, LOOKS_IN_A_SECOND } from "@stoa/testing";
import { purges } from "../purges.ts";
import { listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { sendDirect } from "../test/without-key.ts";
import { createWorld } from "../test/world.ts";

test("a stream ends within a second of its session, and only that stream", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using hers = await listen(service, ann);
  using his = await listen(service, bob);
  await Promise.all([his, hers].map((stream) => stream.until(({ event }) => event === "ready")));
  service.revocations.apply({
    type: "stoa.identity.session.revoked.v1",
    time: new Date().toISOString(),
    data: { user_id: ann.user_id, session_ids: [ann.session_id], reason: "logout" },
  });
  await eventually(hers.ended, { looks: LOOKS_IN_A_SECOND });
  expect(his.ended()).toBe(false);
  using again = await listen(service, ann);
  expect(again.status).toBe(401);
});

test("every stream ends when a signing key is withdrawn, and no ticket of before opens one", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world);
  using stream = await listen(service, ann);
  await stream.until(({ event }) => event === "ready");
  const ticket = async () => (await service.call<{ ticket: string }>(ann, "POST", "/stream/ticket")).json.ticket;
  const before = await ticket();
  service.revocations.apply({
    type: "stoa.identity.key.revoked.v1",
    time: new Date().toISOString(),
    data: { kid: "another" },
  });
  await eventually(stream.ended, { looks: LOOKS_IN_A_SECOND });
  expect((await service.call(null, "GET", `/stream?ticket=${before}`)).status).toBe(401);
  using again = await listen(service, ann);
  expect(again.status).toBe(200);
});

test("a stream ends within a second when its token expires, and no other", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  let late = 0;
  await using service = await serve(world, { streams: { now: () => new Date(Date.now() + late) } });
  using stream = await listen(service, ann, { claims: { exp: Math.floor(Date.now() / 1_000) + 60 } });
  using other = await listen(service, bob, { claims: { exp: Math.floor(Date.now() / 1_000) + 90 } });
  await Promise.all([stream, other].map((each) => each.until(({ event }) => event === "ready")));
  late = 61_000;
  await eventually(stream.ended, { looks: LOOKS_IN_A_SECOND });
  expect(other.ended()).toBe(false);
});

test("a quiet stream gives signs of life, and moves its client along when others are busy", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world, { streams: { heartbeatMs: 20, maxBehind: 100 } });
  using his = await listen(service, cid);
  const { id } = await his.until(({ event }) => event === "ready");
  for (let n = 0; n < 15; n++) await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "busy" });
  await eventually(() => his.last() !== id);
  expect(his.events).toHaveLength(1);
});

test("at shutdown streams end cleanly and new ones are refused", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world);
  using stream = await listen(service, ann);
  await stream.until(({ event }) => event === "ready");
  service.streams.hub.close();
  await eventually(stream.ended);
  expect((await service.call(ann, "GET", "/stream")).status).toBe(503);
});

test("one user has a bounded number of streams", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world, { streams: { maxPerUser: 1 } });
  using stream = await listen(service, ann);
  await stream.until(({ event }) => event === "ready");
  expect(await service.call(ann, "GET", "/stream")).toMatchObject({
    status: 429,
    json: { error_code: "rate_limited" },
  });
});

test("a ticket opens one stream, once, whichever process it is shown to", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using here = await serve(world);
  await using there = await serve(world);
  const { json, headers } = await here.call<{ ticket: string; expires_in: number }>(ann, "POST", "/stream/ticket");
  expect(json.expires_in).toBe(60);
  expect(headers.get("cache-control")).toBe("no-store");
  // A decoder of base64 ignores the last two bits of the signature.
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const other = letters[letters.indexOf(json.ticket.slice(-1)) + 1];
  using spelled = await listen(here, ann, { query: `?ticket=${json.ticket.slice(0, -1)}${other}` });
  expect(spelled.status).toBe(401);
  using stream = await listen(here, ann, { query: `?ticket=${json.ticket}` });
  await stream.until(({ event }) => event === "ready");
  for (const service of [here, there]) {
    using refused = await listen(service, ann, { query: `?ticket=${json.ticket}` });
    expect(refused.status).toBe(401);
  }
  const used = () => world.db.query(sql`select * from used_tickets`);
  await purge(world.db, purges, new Date());
  expect(await used()).toHaveLength(1);
  await purge(world.db, purges, new Date(Date.now() + 61_000));
  expect(await used()).toEqual([]);
});

test("a HEAD of the stream opens none", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world);
  const { status, headers } = await service.call(ann, "HEAD", "/stream");
  expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  expect(service.streams.hub.size).toBe(0);
});

test("without streams, the stream and its tickets are said not to be there", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world, { deps: { streams: undefined } });
  for (const [method, path] of [
    ["GET", "/stream"],
    ["POST", "/stream/ticket"],
  ] as const) {
    expect(await service.call(ann, method, path)).toMatchObject({
      status: 501,
      json: { error_code: "not_implemented" },
    });
  }
});
