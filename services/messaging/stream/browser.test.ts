import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { chromium, eventually } from "@stoa/testing";
import type { Browser } from "playwright-core";
import { cable } from "../test/cable.ts";
import { serve } from "../test/service.ts";
import { sendDirect } from "../test/without-key.ts";
import { createWorld } from "../test/world.ts";
import { streamEvents } from "./events.ts";

/** The loops of the guide in a browser: what is shown there is what runs here. */
const guide = await Bun.file(join(import.meta.dir, "../../../docs/messaging.md")).text();
const loopOf = (name: string) => new RegExp(`\`\`\`js ${name}\n(.*?)\`\`\``, "s").exec(guide)?.[1] ?? "";

let browser: Browser;
beforeAll(async () => {
  browser = await chromium();
}, 30_000);
afterAll(() => browser?.close());

/** A page that runs a loop of the guide as bob, through a cable, with tokens of a minute. */
async function client(loop: string, start: (api: string) => string) {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await createWorld());
  const [ann, bob] = await world.people("ann", "bob");
  const clock = { late: 0 };
  const now = () => new Date(Date.now() + clock.late);
  const service = stack.use(await serve(world, { streams: { now } }));
  const wire = stack.use(await cable(Number(new URL(service.origin).port)));
  const page = stack.adopt(await browser.newPage(), (its) => its.close());
  const state = { tokens: 0, lifetime: 60 };
  await page.exposeFunction("token", () => {
    state.tokens++;
    return service.token(bob, { exp: Math.floor(now().getTime() / 1_000) + state.lifetime });
  });
  await page.goto(`${wire.origin}/health/live`);
  await page.evaluate(`${loop}; const took = []; ${start(`${wire.origin}/api/v1`)}; window.took = took;`);
  const owned = stack.move();
  return {
    clock,
    state,
    wire,
    service,
    say: (content: string) => sendDirect(world.deps, ann, { recipient_id: bob.user_id, content }),
    /** The contents of the messages that the page took. */
    contents: () =>
      page.evaluate<string[]>(`took.filter(([name]) => name === "message.sent").map(([, data]) => data.content)`),
    page,
    bob,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type BrowserClient = Awaited<ReturnType<typeof client>>;

/** Messages that come live, after a cut, after a time without a network, and after the token expired: each once, in order. */
async function missesNothing({ say, contents, wire, service, clock, state }: BrowserClient) {
  const { hub } = service.streams;
  const has = (content: string) => eventually(async () => (await contents()).includes(content));
  await eventually(() => hub.size === 1);
  await say("live");
  await has("live");
  wire.cut();
  await say("cut");
  await has("cut");
  wire.cut(true);
  await eventually(() => hub.size === 0);
  for (const content of ["away 1", "away 2"]) await say(content);
  wire.cut(false);
  await has("away 2");
  const tokens = state.tokens;
  clock.late += 61_000;
  await eventually(() => state.tokens > tokens);
  await say("expired");
  await has("expired");
  expect(await contents()).toEqual(["live", "cut", "away 1", "away 2", "expired"]);
}

const names = JSON.stringify(Object.keys(streamEvents));

test("the loop over EventSource misses nothing and takes nothing twice, with a ticket for each connection", async () => {
  const loop = loopOf("events");
  expect(loop.trim().split("\n").length).toBeLessThanOrEqual(22);
  await using its = await client(
    loop,
    (api) => `const stop = new AbortController();
      window.ended = listen("${api}", token, ${names}, (name, data) => took.push([name, data]), stop.signal);
      window.stop = stop`,
  );
  await missesNothing(its);
  await its.page.evaluate("stop.abort(); ended");
  await eventually(() => its.service.streams.hub.size === 0);
}, 60_000);

test("the loop over a WebSocket misses nothing and takes nothing twice, renews its token in place, and ends when refused", async () => {
  await using its = await client(
    loopOf("socket"),
    (api) =>
      `window.ended = connect("${api.replace("http", "ws")}/ws", token, (name, data) => took.push([name, data]))`,
  );
  await missesNothing(its);
  // A token that is renewed a minute before it expires, at once: the socket stays.
  its.clock.late = 0;
  its.state.lifetime = 61;
  const tokens = its.state.tokens;
  its.wire.cut();
  await eventually(() => its.state.tokens > tokens + 2);
  const { user_id, session_id } = its.bob;
  its.service.revocations.apply({
    type: "stoa.identity.session.revoked.v1",
    time: new Date().toISOString(),
    data: { user_id, session_ids: [session_id], reason: "logout" },
  });
  expect(await its.page.evaluate<number>("ended")).toBe(4102);
}, 60_000);
