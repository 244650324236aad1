import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import type { Page } from "@stoa/http";
import { eventually, silent } from "@stoa/testing";
import { webhookPost } from "@stoa/webhooks/post-bun";
import { startWebhooks } from "@stoa/webhooks/start-bun";
import { startTeam, type Team } from "../test/team.ts";
import { webhookDisabled } from "./disabled.ts";
import type { CreatedWebhook, Delivery, Webhook } from "./schema.ts";

let team: Team;
let project_id: string;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  team = await startTeam();
  project_id = (await team.project("Sent")).id;
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  await team.close();
});

/** A receiver that checks signatures, keeps what it got, and answers what it is told to. */
function receiver(answer: (count: number) => Response | Promise<Response>) {
  const got: { id: string | null; signed: boolean; type: string; body: Record<string, unknown> }[] = [];
  let secret = "";
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    fetch: async (request) => {
      const text = await request.text();
      const [id, timestamp, signature] = ["id", "timestamp", "signature"].map((name) =>
        request.headers.get(`webhook-${name}`),
      );
      const key = Buffer.from(secret.replace("whsec_", ""), "base64");
      const wanted = `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${text}`).digest("base64")}`;
      const body = JSON.parse(text) as Record<string, unknown>;
      got.push({ id: id ?? null, signed: signature === wanted, type: String(body["type"]), body });
      return answer(got.length);
    },
  });
  ends.push(() => server.stop(true));
  const listen = async (events: readonly string[] = ["task.created"]) => {
    const body = { url: `http://127.0.0.1:${server.port}/in`, events };
    const { body: made } = await team.ask<CreatedWebhook>("POST", `/projects/${project_id}/webhooks`, {
      as: team.ada,
      body,
    });
    secret = made.secret;
    return made;
  };
  return { got, listen };
}

/** The deliverer of a process. */
function start(): () => Promise<void> {
  const { db, now, webhooks } = team.deps;
  const deps = {
    db,
    now,
    service: "projects",
    box: webhooks.box,
    post: webhookPost(webhooks.targets),
    disabled: webhookDisabled,
  } as const;
  const stop = startWebhooks(deps, { log: silent, everyMs: 20, graceMs: 50 });
  ends.push(stop);
  return stop;
}

const deliveries = async (webhook: Webhook) => {
  const path = `/projects/${project_id}/webhooks/${webhook.id}/deliveries`;
  return (await team.ask<Page<Delivery>>("GET", path, { as: team.ada })).body.items;
};
const task = (title = "A task") => team.task(team.ada, { project_id, title });

test("what happens reaches the receiver, signed, and is shown as delivered; redelivered it has the same id", async () => {
  const { got, listen } = receiver(() => new Response("nobody reads this", { status: 201 }));
  const webhook = await listen(["task.created", "task.completed"]);
  start();
  const { id, key } = await task("Land");
  const [first] = await eventually(() => got.length === 1 && got);
  expect(first).toMatchObject({
    signed: true,
    type: "task.created",
    body: { subject: project_id, actor_id: team.ada.user_id, data: { task_id: id, key, title: "Land" } },
  });
  const [delivery] = await eventually(async () => {
    const all = await deliveries(webhook);
    return all[0]?.status === "delivered" && all;
  });
  expect(delivery).toMatchObject({
    attempts: 1,
    response_status: 201,
    duration_ms: expect.any(Number),
    event_id: first?.id,
  });
  expect(JSON.stringify(delivery)).not.toContain("nobody reads");
  const again = `/projects/${project_id}/webhooks/${webhook.id}/deliveries/${delivery?.id}/redeliver`;
  await team.ask("POST", again, { as: team.ada });
  await eventually(() => got.length === 2);
  expect(got.map(({ id, signed }) => [id, signed])).toEqual([
    [first?.id ?? null, true],
    [first?.id ?? null, true],
  ]);
});

test("two processes send each event once, in whatever order", async () => {
  const { got, listen } = receiver(() => new Response());
  await listen();
  start();
  start();
  for (let n = 0; n < 30; n++) await task(`${n}`);
  await eventually(() => got.length >= 30);
  expect(new Set(got.map(({ id }) => id)).size).toBe(30);
  expect(got).toHaveLength(30);
});

test("one that is stopped in the middle is followed by another, which sends it again with the same id", async () => {
  const { promise: never } = Promise.withResolvers<Response>();
  const { got, listen } = receiver((count) => (count === 1 ? never : new Response()));
  const webhook = await listen();
  const stop = start();
  await task();
  await eventually(() => got.length === 1);
  await stop();
  expect(await deliveries(webhook)).toMatchObject([{ status: "pending", attempts: 0 }]);
  team.setClock(new Date(Date.now() + 61_000).toISOString());
  start();
  await eventually(async () => (await deliveries(webhook))[0]?.status === "delivered");
  expect(got.map(({ id }) => id)).toEqual([got[0]?.id ?? null, got[0]?.id ?? null]);
});

test("a receiver that is gone gets nothing more, and its webhook says so", async () => {
  const { got, listen } = receiver(() => new Response(null, { status: 410 }));
  const webhook = await listen();
  start();
  await task();
  const path = `/projects/${project_id}/webhooks`;
  await eventually(async () => {
    const { items } = (await team.ask<Page<Webhook>>("GET", path, { as: team.ada })).body;
    return items[0]?.is_active === false;
  });
  await task();
  expect(await team.lastEvent(webhook.id)).toMatchObject({ type: "webhook.disabled", actor_id: null });
  expect(got).toHaveLength(1);
});

test("a database that fails for a moment is tried again", async () => {
  const { got, listen } = receiver(() => new Response());
  await listen();
  const { query } = team.deps.db;
  let failing = true;
  Object.assign(team.deps.db, {
    query: (...args: Parameters<typeof query>) => {
      if (failing && args[0].sql.includes("webhook_cursor")) throw new Error("away");
      return query(...args);
    },
  });
  start();
  await task();
  failing = false;
  await eventually(() => got.length === 1);
  Object.assign(team.deps.db, { query });
});

test("a task that goes to another project is told of where it was and where it is, once each", async () => {
  const { got, listen } = receiver(() => new Response(null, { status: 204 }));
  await listen(["task.moved_project"]);
  start();
  const { id } = await task();
  const { id: other } = await team.project("Other");
  await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { project_id: other } });
  const [first] = await eventually(() => got.length === 1 && got);
  expect(first?.body).toMatchObject({ subject: other, data: { task_id: id, from_project_id: project_id } });
  await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { project_id } });
  const [, second] = await eventually(() => got.length === 2 && got);
  expect(second?.body).toMatchObject({ subject: project_id, data: { task_id: id, from_project_id: other } });
});
