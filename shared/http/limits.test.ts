import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { addressHeader } from "@stoa/testing";
import { controller, type HttpDeps, operation, Text } from "./index.ts";
import { createLimits } from "./limits.ts";
import { harness } from "./test/harness.ts";

const open = { id: "test.open", access: "anyone", summary: "Open" } as const;
const routes = (http: HttpDeps) => [
  controller(http)
    .get("/open", () => ({ ok: true }), operation(open))
    .get("/mine", () => ({ ok: true }), operation({ id: "test.mine", access: "user", summary: "Mine" }))
    .post("/login", () => ({ ok: true }), operation({ ...open, limit: "login" }))
    .post(
      "/register",
      () => ({ ok: true }),
      operation({ ...open, limit: "registration", body: Type.Object({ a: Text({ max: 1 }) }) }),
    )
    .post("/mail", () => ({ ok: true }), operation({ ...open, limit: "mail" }))
    .post(
      "/send",
      () => ({ ok: true }),
      operation({ id: "test.send", access: "user", summary: "Send", limit: "send" }),
    ),
];

function timed(scale = 1) {
  const clock = { at: Date.parse("2026-11-20T09:00:00Z") };
  const { call } = harness(routes, { now: () => new Date(clock.at), rate_limit_scale: scale });
  const statuses = async (times: number, ...rest: Parameters<typeof call>) => {
    const counts: Record<number, number> = {};
    for (let i = 0; i < times; i++) {
      const { status } = await call(...rest);
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  };
  return { clock, call, statuses };
}

describe("limits", () => {
  test("an anonymous address has 300 a minute", async () => {
    const { clock, call, statuses } = timed();
    expect(await statuses(301, "GET", "/open")).toEqual({ 200: 300, 429: 1 });
    const refused = await call("GET", "/open");
    expect(refused.code).toBe("rate_limited");
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("ratelimit")).toBe('"address";r=0;t=60');
    expect(refused.headers.get("ratelimit-policy")).toBe('"address";q=300;w=60');
    clock.at += 59_999;
    expect((await call("GET", "/open")).status).toBe(429);
    clock.at += 1;
    expect((await call("GET", "/open")).status).toBe(200);
  });

  test("each address has its own, and the /64 of IPv6 is one", async () => {
    const { call, statuses } = timed(0.01);
    const from = (address: string) => ({ headers: { [addressHeader]: address } });
    expect(await statuses(4, "GET", "/open", from("2001:db8::1"))).toEqual({ 200: 3, 429: 1 });
    expect((await call("GET", "/open", from("2001:db8::ffff"))).status).toBe(429);
    expect((await call("GET", "/open", from("2001:db8:0:1::1"))).status).toBe(200);
    expect((await call("GET", "/open", from("192.0.2.9"))).status).toBe(200);
    expect((await call("GET", "/open", from("::ffff:192.0.2.9"))).headers.get("ratelimit")).toBe('"address";r=1;t=60');
  });

  test("a user has 600 a minute, whatever others at the address do", async () => {
    const { call, statuses } = timed(0.01);
    expect(await statuses(4, "GET", "/open")).toEqual({ 200: 3, 429: 1 });
    expect(await statuses(7, "GET", "/mine", { as: "ann" })).toEqual({ 200: 6, 429: 1 });
    const bob = await call("GET", "/mine", { as: "bob" });
    expect([bob.status, bob.headers.get("ratelimit")]).toEqual([200, '"user";r=5;t=60']);
  });

  test("the address is judged before the token, the user before the body", async () => {
    const { call, statuses } = timed(0.01);
    expect(await statuses(4, "GET", "/mine", { as: "nonsense" })).toEqual({ 401: 3, 429: 1 });
    expect((await call("POST", "/register", { raw: "{" })).status).toBe(429);
    expect((await call("GET", "/nothing")).status).toBe(404);
    expect((await call("DELETE", "/mine")).status).toBe(405);
  });

  test("logins, registrations and mails have their own", async () => {
    expect(await timed().statuses(61, "POST", "/login")).toEqual({ 200: 60, 429: 1 });
    expect(await timed().statuses(11, "POST", "/mail")).toEqual({ 200: 10, 429: 1 });
    expect(await timed().statuses(31, "POST", "/register", { json: { a: "b" } })).toEqual({ 200: 30, 429: 1 });
  });

  test("a named limit holds for someone with a token too", async () => {
    expect(await timed().statuses(11, "POST", "/mail", { as: "ann" })).toEqual({ 200: 10, 429: 1 });
  });

  test("sends are 10 a second with a burst of 100", async () => {
    const { clock, call, statuses } = timed();
    expect(await statuses(101, "POST", "/send", { as: "ann" })).toEqual({ 200: 100, 429: 1 });
    expect((await call("POST", "/send", { as: "ann" })).headers.get("retry-after")).toBe("1");
    clock.at += 1000;
    expect(await statuses(11, "POST", "/send", { as: "ann" })).toEqual({ 200: 10, 429: 1 });
  });

  test("the scale multiplies, and 0 switches off", async () => {
    expect((await timed(2).call("GET", "/open")).headers.get("ratelimit-policy")).toBe('"address";q=600;w=60');
    const off = timed(0);
    expect(await off.statuses(400, "GET", "/open")).toEqual({ 200: 400 });
    expect((await off.call("GET", "/open")).headers.has("ratelimit")).toBe(false);
  });

  test("are those of the process where it holds more than one service", async () => {
    const limits = createLimits(1 / 300, Date.now);
    const [one, other] = [harness(routes, { limits }), harness(routes, { limits })];
    expect([(await one.call("GET", "/open")).status, (await other.call("GET", "/open")).status]).toEqual([200, 429]);
  });

  test("health knows no limits", async () => {
    expect(await timed(0.001).statuses(20, "GET", "/health/live")).toEqual({ 200: 20 });
  });

  test("a clock that goes back refuses no one for longer than a window", () => {
    let now = 1_000_000;
    const limits = createLimits(0.01, () => now);
    limits.take("send", "a");
    now -= 500_000;
    expect(limits.take("send", "a")?.allowed).toBe(false);
    for (let i = 0; i < 3; i++) limits.take("address", "a");
    now -= 500_000;
    expect(limits.take("address", "a")?.retry_after).toBe(60);
  });
});
