import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { type Problem, planOf, rowsOf } from "@stoa/testing";
import { fanOut } from "@stoa/webhooks/fan-out";
import { newSecret } from "@stoa/webhooks/secret";
import { maintain } from "../maintenance.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import { MOST_WEBHOOKS } from "./create.ts";
import { listDeliveries } from "./list-deliveries.ts";
import type { CreatedWebhook, Delivery, Webhook } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

const url = "https://hooks.example.com/in";

const make = (project_id: string, body: object = {}, as: Person = team.ada, headers = {}) =>
  team.ask<CreatedWebhook>("POST", `/projects/${project_id}/webhooks`, {
    as,
    body: { url, events: ["task.created"], ...body },
    headers,
  });
const fails = async (project_id: string, body: object) => {
  const { status, body: problem } = await team.ask<Problem>("POST", `/projects/${project_id}/webhooks`, {
    as: team.ada,
    body: { url, events: ["task.created"], ...body },
  });
  return [status, ...(problem.errors ?? []).map(({ path }) => path)];
};

/** A project with a webhook, and one delivery to it. */
async function delivered() {
  const { id: project_id } = await team.project("Hooks");
  const { body: webhook } = await make(project_id);
  const task = await team.task(team.ada, { project_id });
  while (await fanOut({ ...team.deps, service: "projects" }));
  const at = `/projects/${project_id}/webhooks/${webhook.id}/deliveries`;
  const { body } = await team.ask<Page<Delivery>>("GET", at, { as: team.ada });
  const [delivery] = body.items;
  if (!delivery) throw new Error("Nothing was delivered.");
  return { project_id, webhook, task, at, delivery };
}

describe("POST /projects/{id}/webhooks", () => {
  test("201 with the secret, this once: no list and no event has it, and it is not stored as it is", async () => {
    const { id } = await team.project();
    const { status, body, headers } = await make(id, { url: `${url}?k=hush#part` });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      url: `${url}?k=hush`,
      events: ["task.created"],
      is_active: true,
      created_at: expect.any(String),
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    expect([headers.get("location"), headers.get("cache-control")]).toEqual([
      `/api/v1/projects/${id}/webhooks/${body.id}`,
      "no-store",
    ]);
    const list = await team.ask<Page<Webhook>>("GET", `/projects/${id}/webhooks`, { as: team.ada });
    const { secret, ...shown } = body;
    expect(list.body.items).toEqual([shown]);
    const stored = await rowsOf(team.db, sql`select * from webhooks where id = ${body.id}`);
    expect(JSON.stringify(stored)).not.toContain(secret.slice(6));
    const event = await team.lastEvent(body.id);
    expect(event).toEqual({
      type: "webhook.created",
      actor_id: team.ada.user_id,
      data: { webhook_id: body.id, scope_id: id, events: ["task.created"] },
    });
  });

  test("takes a secret of 24 to 64 bytes, and the request repeated with its Idempotency-Key has it again", async () => {
    const { id } = await team.project();
    const secret = newSecret();
    const key = { "idempotency-key": newId() };
    const first = await make(id, { secret }, team.ada, key);
    const again = await make(id, { secret }, team.ada, key);
    expect([first.body.secret, again.body]).toEqual([secret, first.body]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    for (const bad of ["whsec_c2hvcnQ=", "hunter2", newSecret().slice(6), `whsec_${"A".repeat(33)}`]) {
      expect(await fails(id, { secret: bad })).toEqual([422, "/secret"]);
    }
  });

  test("422 for addresses that are private, in whatever spelling, and for what is no URL of the web", async () => {
    const { id } = await team.project();
    for (const bad of [
      "http://10.0.0.1/",
      "http://169.254.169.254/latest",
      "http://[::1]/",
      "http://[::ffff:10.0.0.1]/",
      "http://2852039166/",
      "http://0/",
      "http://localhost:8080/",
      "https://user:pass@example.com/",
      "ftp://example.com/",
      "example.com",
      `https://example.com/${"a".repeat(2_100)}`,
    ]) {
      expect([bad, await fails(id, { url: bad })]).toEqual([bad, [422, "/url"]]);
    }
    // What the operator allows is taken.
    expect((await make(id, { url: "http://127.0.0.1:9/" })).status).toBe(201);
  });

  test("422 for events that are none, twice the same, others' private ones, or none at all", async () => {
    const { id } = await team.project();
    expect(await fails(id, { events: ["task.exploded"] })).toEqual([422, "/events/0"]);
    expect(await fails(id, { events: ["view.created"] })).toEqual([422, "/events/0"]);
    expect(await fails(id, { events: ["webhook.created"] })).toEqual([422, "/events/0"]);
    expect((await fails(id, { events: [] }))[0]).toBe(422);
    expect((await fails(id, { events: ["task.created", "task.created"] }))[0]).toBe(422);
    expect((await make(id, { events: ["project.updated", "task.overdue", "task.purged"] })).status).toBe(201);
  });

  test("409 beyond twenty, also when they come at once", async () => {
    const { id } = await team.project();
    const answers = await Promise.all(Array.from({ length: MOST_WEBHOOKS + 5 }, () => make(id)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(MOST_WEBHOOKS);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
    const refused = await team.ask<Problem>("POST", `/projects/${id}/webhooks`, {
      as: team.ada,
      body: { url, events: ["task.created"] },
    });
    expect(refused.body.error_code).toBe("too_many_webhooks");
  });

  test("is for owners; 404 for no project and for one in the trash", async () => {
    const { grace, linus, eve, root, ada } = team;
    const { id } = await team.project();
    const body = { url, events: ["task.created"] };
    const path = `/projects/${id}/webhooks`;
    expect(await team.statuses("POST", path, [null, eve, linus, grace, root], body)).toEqual([401, 403, 403, 403, 201]);
    expect(await team.statuses("GET", path, [null, eve, linus, grace, root])).toEqual([401, 403, 403, 403, 200]);
    expect(await team.statuses("POST", `/projects/${newId()}/webhooks`, [ada], body)).toEqual([404]);
    await team.ask("DELETE", `/projects/${id}`, { as: ada });
    expect(await team.statuses("POST", path, [ada], body)).toEqual([404]);
    expect(await team.statuses("GET", path, [ada])).toEqual([200]);
  });
});

describe("what is delivered", () => {
  test("is sought by the webhook in order, whatever statuses are asked for", async () => {
    const own = await startTeam();
    const { id } = await own.project();
    const body = { url, events: ["task.created"] };
    const { body: webhook } = await own.ask<Webhook>("POST", `/projects/${id}/webhooks`, { as: own.ada, body });
    for (const query of [{}, { status: ["failed" as const] }, { status: ["failed" as const, "pending" as const] }]) {
      const steps = await planOf(own.db, (db) =>
        listDeliveries({ ...own.deps, db }, own.ada.actor, id, webhook.id, query),
      );
      // The last step: nothing sorts.
      expect(steps.at(-1)).toBe("SEARCH webhook_deliveries USING INDEX webhook_deliveries_webhook (webhook_id=?)");
    }
    await own.close();
  });

  test("are the project's events of these types, in the list newest first, page by page, by status", async () => {
    const { project_id, webhook, task, at, delivery } = await delivered();
    expect(delivery).toMatchObject({
      webhook_id: webhook.id,
      type: "task.created",
      status: "pending",
      attempts: 0,
      response_status: null,
      duration_ms: null,
      attempted_at: null,
      next_attempt_at: delivery.created_at,
    });
    const [created] = await rowsOf<{ event_id: string }>(
      team.db,
      sql`select event_id from journal where entity_id = ${task.id} and type = 'task.created'`,
    );
    expect(delivery.event_id).toBe(created?.event_id ?? "");
    for (let n = 0; n < 3; n++) await team.task(team.ada, { project_id });
    await team.ask("PATCH", `/tasks/${task.id}`, { as: team.ada, body: { title: "Not asked for" } });
    await team.task(team.ada, { title: "Personal" });
    while (await fanOut({ ...team.deps, service: "projects" }));
    const first = await team.ask<Page<Delivery>>("GET", `${at}?limit=3&count=true`, { as: team.ada });
    expect([first.body.total, first.body.items.length]).toEqual([4, 3]);
    const rest = await team.ask<Page<Delivery>>("GET", `${at}?limit=3&cursor=${first.body.next_cursor}`, {
      as: team.ada,
    });
    expect(rest.body.items).toEqual([delivery]);
    expect((await team.ask<Page<Delivery>>("GET", `${at}?status=failed`, { as: team.ada })).body.items).toEqual([]);
    const either = await team.ask<Page<Delivery>>("GET", `${at}?status=failed,pending&count=true`, { as: team.ada });
    expect(either.body.total).toBe(4);
    expect((await team.ask("GET", `${at}?status=pending,lost`, { as: team.ada })).status).toBe(422);
    expect((await team.ask("GET", `${at}?status=lost`, { as: team.ada })).status).toBe(422);
    expect((await team.statementsOf(() => team.ask("GET", at, { as: team.ada }))).length).toBe(3);
  });

  test("is shown to owners alone, under its own project and webhook", async () => {
    const { at, webhook, delivery } = await delivered();
    const { grace, linus, eve, root } = team;
    const again = `${at}/${delivery.id}/redeliver`;
    expect(await team.statuses("GET", at, [null, eve, linus, grace, root])).toEqual([401, 403, 403, 403, 200]);
    expect(await team.statuses("POST", again, [null, eve, linus, grace])).toEqual([401, 403, 403, 403]);
    const other = await delivered();
    const mixed = `/projects/${other.project_id}/webhooks`;
    expect(await team.statuses("GET", `${mixed}/${webhook.id}/deliveries`, [team.ada])).toEqual([404]);
    expect(await team.statuses("DELETE", `${mixed}/${webhook.id}`, [team.ada])).toEqual([404]);
    const foreign = `${mixed}/${other.webhook.id}/deliveries/${delivery.id}/redeliver`;
    expect(await team.statuses("POST", foreign, [team.ada])).toEqual([404]);
  });

  test("is sent once more as a new delivery of the same event, also when it was delivered", async () => {
    const { at, webhook, delivery } = await delivered();
    await team.db.write([
      sql`update webhook_deliveries set status = 'delivered', next_at = null, attempts = 1 where id = ${delivery.id}`,
    ]);
    const { status, body } = await team.ask<Delivery>("POST", `${at}/${delivery.id}/redeliver`, { as: team.ada });
    expect(status).toBe(200);
    expect(body).toMatchObject({ webhook_id: webhook.id, event_id: delivery.event_id, status: "pending", attempts: 0 });
    expect(body.id).not.toBe(delivery.id);
    const { items } = (await team.ask<Page<Delivery>>("GET", at, { as: team.ada })).body;
    expect(items.map(({ id }) => id).toSorted()).toEqual([body.id, delivery.id].toSorted());
    expect(await team.lastEvent(webhook.id)).toMatchObject({
      type: "webhook.redelivered",
      data: { webhook_id: webhook.id, delivery_id: body.id, event_id: delivery.event_id },
    });
    await team.db.write([sql`update webhooks set is_active = 0 where id = ${webhook.id}`]);
    const refused = await team.ask<Problem>("POST", `${at}/${delivery.id}/redeliver`, { as: team.ada });
    expect([refused.status, refused.body.error_code]).toEqual([409, "webhook_inactive"]);
    const unknown = `${at}/${newId()}/redeliver`;
    expect((await team.ask("POST", unknown, { as: team.ada })).status).toBe(404);
  });
});

describe("PATCH /projects/{id}/webhooks/{webhook_id}", () => {
  const change = (project_id: string, id: string, body: object, method = "PATCH") =>
    team.ask<Webhook & Problem>(method, `/projects/${project_id}/webhooks/${id}`, { as: team.ada, body });
  const types = async (at: string) => {
    while (await fanOut({ ...team.deps, service: "projects" }));
    const { items } = (await team.ask<Page<Delivery>>("GET", at, { as: team.ada })).body;
    return items.map(({ type, status }) => `${type} ${status}`);
  };

  test("switches one on again whose receiver was gone: it gets what happens from then on, under the same secret", async () => {
    const { project_id, webhook, at, delivery } = await delivered();
    await team.db.write([
      sql`update webhooks set is_active = 0 where id = ${webhook.id}`,
      sql`update webhook_deliveries set status = 'failed', next_at = null where id = ${delivery.id}`,
    ]);
    await team.task(team.ada, { project_id });
    expect(await types(at)).toEqual(["task.created failed"]);
    const stored = () => rowsOf(team.db, sql`select secret from webhooks where id = ${webhook.id}`);
    const before = await stored();
    const { status, body } = await change(project_id, webhook.id, { is_active: true });
    const { secret: _, ...shown } = webhook;
    expect([status, body as Webhook, await stored()]).toEqual([200, { ...shown, is_active: true }, before]);
    expect(await team.lastEvent(webhook.id)).toEqual({
      type: "webhook.changed",
      actor_id: team.ada.user_id,
      data: { webhook_id: webhook.id, scope_id: project_id, events: ["task.created"], is_active: true },
    });
    await team.task(team.ada, { project_id });
    expect(await types(at)).toEqual(["task.created pending", "task.created failed"]);
    expect((await team.ask("POST", `${at}/${delivery.id}/redeliver`, { as: team.ada })).status).toBe(200);
  });

  test("switches one off: what waits for it is given up, and nothing more is made for it", async () => {
    const { project_id, webhook, at } = await delivered();
    expect((await change(project_id, webhook.id, { is_active: false })).body.is_active).toBe(false);
    await team.task(team.ada, { project_id });
    expect(await types(at)).toEqual(["task.created failed"]);
    // Null is what it begins with.
    expect((await change(project_id, webhook.id, { is_active: null }, "PUT")).body.is_active).toBe(true);
  });

  test("changes its address and its events; what waits for it still does", async () => {
    const { project_id, webhook, at } = await delivered();
    const to = { url: "https://other.example.com/in#there", events: ["task.updated"] };
    const { body } = await change(project_id, webhook.id, to);
    expect(body).toMatchObject({ url: "https://other.example.com/in", events: ["task.updated"], is_active: true });
    await team.task(team.ada, { project_id });
    expect(await types(at)).toEqual(["task.created pending"]);
    const event = await team.lastEvent(webhook.id);
    expect(JSON.stringify(event)).not.toContain("other.example.com");
    expect(event.data).toMatchObject({ events: ["task.updated"] });
  });

  test("that changes nothing is 200 without an event, also with all that was fetched", async () => {
    const { project_id, webhook } = await delivered();
    const { secret: _, ...shown } = webhook;
    const before = await team.lastEvent(webhook.id);
    for (const body of [{}, shown, { is_active: true }, { events: webhook.events }]) {
      const answer = await change(project_id, webhook.id, body);
      expect([answer.status, answer.body as Webhook]).toEqual([200, shown]);
    }
    expect(await team.lastEvent(webhook.id)).toEqual(before);
  });

  test("422 for private addresses, unknown events, its secret and what is read-only", async () => {
    const { project_id, webhook } = await delivered();
    for (const [body, path] of [
      [{ url: "http://10.0.0.1/" }, "/url"],
      [{ url: null }, "/url"],
      [{ events: ["webhook.changed"] }, "/events/0"],
      [{ events: [] }, "/events"],
      [{ is_active: "yes" }, "/is_active"],
      [{ secret: newSecret() }, "/secret"],
      [{ id: newId() }, "/id"],
    ] as const) {
      const { status, body: problem } = await change(project_id, webhook.id, body);
      expect([path, status, problem.errors?.[0]?.path]).toEqual([path, 422, path]);
    }
  });

  test("is for owners, under its own project; 404 in the trash and for one that is gone", async () => {
    const { project_id, webhook } = await delivered();
    const { ada, grace, linus, eve, root } = team;
    const path = `/projects/${project_id}/webhooks/${webhook.id}`;
    const body = { is_active: false };
    expect(await team.statuses("PATCH", path, [null, eve, linus, grace, root], body)).toEqual([
      401, 403, 403, 403, 200,
    ]);
    const other = await delivered();
    expect((await change(other.project_id, webhook.id, body)).status).toBe(404);
    await team.ask("DELETE", `/projects/${project_id}`, { as: ada });
    expect((await change(project_id, webhook.id, { is_active: true })).status).toBe(404);
  });

  test("one and another at once are both taken, and cost a fixed number of statements", async () => {
    const { project_id, webhook } = await delivered();
    const both = await Promise.all([
      change(project_id, webhook.id, { events: ["task.updated"] }),
      change(project_id, webhook.id, { is_active: false }),
    ]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const list = await team.ask<Page<Webhook>>("GET", `/projects/${project_id}/webhooks`, { as: team.ada });
    expect(list.body.items).toMatchObject([{ events: ["task.updated"], is_active: false }]);
    const on = () => change(project_id, webhook.id, { is_active: true });
    expect((await team.statementsOf(on)).length).toBe(6);
  });
});

describe("DELETE /projects/{id}/webhooks/{webhook_id}", () => {
  test("204, its deliveries go with it, and nothing more is made for it; 404 then; also in the trash", async () => {
    const { project_id, webhook, delivery } = await delivered();
    const { ada, grace, linus, eve } = team;
    const path = `/projects/${project_id}/webhooks/${webhook.id}`;
    expect(await team.statuses("DELETE", path, [null, eve, linus, grace])).toEqual([401, 403, 403, 403]);
    await team.ask("DELETE", `/projects/${project_id}`, { as: ada });
    expect(await team.statuses("DELETE", path, [ada, ada])).toEqual([204, 404]);
    expect(await rowsOf(team.db, sql`select 1 from webhook_deliveries where id = ${delivery.id}`)).toEqual([]);
    expect(await team.lastEvent(webhook.id)).toMatchObject({ type: "webhook.deleted" });
  });

  test("a project that is deleted for good takes them along", async () => {
    const { project_id, webhook } = await delivered();
    team.setClock("2026-01-01T00:00:00.000Z");
    await team.ask("DELETE", `/projects/${project_id}`, { as: team.ada });
    team.setClock("2026-02-01T00:00:00.000Z");
    await maintain(team.deps);
    team.setClock(undefined);
    const left = sql`select id from webhooks where id = ${webhook.id} union all
      select id from webhook_deliveries where webhook_id = ${webhook.id}`;
    expect(await rowsOf(team.db, left)).toEqual([]);
  });
});
