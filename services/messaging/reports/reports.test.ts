import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http/list/index";
import { meanwhile, rowsOf } from "@stoa/testing";
import type { Message } from "../messages/schema.ts";
import { leaveConversation } from "../participants/remove.ts";
import { group } from "../test/group.ts";
import { createWorld, type Person } from "../test/world.ts";
import type { OwnReport, Report } from "./schema.ts";

/** A group of Ann, who has said something, Bob and Cid; Eve is not in it, and Root is a superuser. */
async function talk() {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await createWorld());
  const [ann, bob, cid, eve, sue] = await world.people("ann", "bob", "cid", "eve", "sue");
  const root = { ...sue, is_superuser: true };
  const { service, conversation } = await group(world, ann, bob, cid);
  stack.use(service);
  const path = `/conversations/${conversation.id}`;
  const message = (await service.call<Message>(ann, "POST", `${path}/messages`, { content: "rude" })).json;
  const report = (as: Person, reason = "It is rude.", headers = {}) =>
    service.call<OwnReport & { error_code?: string }>(
      as,
      "POST",
      `/messages/${message.id}/report`,
      { reason },
      headers,
    );
  const look = (id: string) => service.call<Report>(root, "GET", `/reports/${id}`);
  const change = (id: string, body: object, headers = {}) =>
    service.call<Report & { error_code?: string; current?: Report }>(root, "PATCH", `/reports/${id}`, body, headers);
  return {
    ...{ world, service, conversation, message, ann, bob, cid, eve, root, report, look, change },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("a participant reports a message once; superusers see what it said then, and the message as it is now", async () => {
  await using here = await talk();
  const { service, message, ann, bob, cid, report, look } = here;
  const made = await report(bob);
  const { id } = made.json;
  expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1/reports/${id}`]);
  expect(made.json).toEqual({
    id,
    message_id: message.id,
    conversation_id: message.conversation_id,
    reporter_id: bob.user_id,
    reason: "It is rude.",
    status: "open",
    created_at: expect.any(String),
  });
  expect(await report(bob, "Again")).toMatchObject({ status: 200, json: made.json });
  expect(await report(cid)).toMatchObject({ status: 201, json: { reporter_id: cid.user_id } });
  await service.call(ann, "PATCH", `/messages/${message.id}`, { content: "polite" });
  const seen = await look(id);
  expect(seen.headers.get("etag")).toBe('"1"');
  expect(seen.json).toMatchObject({
    ...made.json,
    reported_content: "rude",
    message: { id: message.id, seq: 1, sender_id: ann.user_id, content: "polite", deleted_at: null },
    note: null,
    resolved_by: null,
    version: 1,
  });
  await service.call(ann, "DELETE", `/messages/${message.id}`);
  expect((await look(id)).json).toMatchObject({ reported_content: "rude", message: { content: null } });
});

test("two reports by one user at once are one, and with an Idempotency-Key the same one is answered", async () => {
  await using here = await talk();
  const { world, bob, cid, report } = here;
  const both = await Promise.all([report(bob), report(bob)]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 201]);
  expect(both[0]?.json).toEqual(both[1]?.json as OwnReport);
  const key = { "idempotency-key": "k" };
  const first = await report(cid, "x", key);
  const again = await report(cid, "x", key);
  expect([again.status, again.json, again.headers.get("idempotent-replayed")]).toEqual([201, first.json, "true"]);
  expect((await report(cid, "y", key)).status).toBe(422);
  expect((await world.events()).filter((type) => type === "report.created")).toHaveLength(2);
});

test("403 for those who take no part, superusers among them; 404 for no message; 422 for no reason", async () => {
  await using here = await talk();
  const { world, service, conversation, bob, cid, eve, root, report } = here;
  expect((await report(eve)).status).toBe(403);
  expect((await report(root)).status).toBe(403);
  expect((await report(bob, "  ")).status).toBe(422);
  expect((await report(bob, "x".repeat(2_001))).status).toBe(422);
  expect((await service.call(bob, "POST", `/messages/${newId()}/report`, { reason: "x" })).status).toBe(404);
  // Someone who leaves while they report has no say any more.
  meanwhile(world.db, () => leaveConversation(world.deps, cid, conversation.id));
  expect((await report(cid)).status).toBe(403);
});

test("superusers list reports, latest first, by status, page after page; nobody else does", async () => {
  await using here = await talk();
  const { service, ann, bob, cid, eve, root, report, change } = here;
  const ids: string[] = [];
  for (const person of [ann, bob, cid]) ids.unshift((await report(person)).json.id);
  const [latest = "", middle = "", first = ""] = ids;
  await change(middle, { status: "resolved" });
  const list = async (query = "") => {
    const { json } = await service.call<Page<Report>>(root, "GET", `/reports${query}`);
    return [json.items.map(({ id }) => id), json.next_cursor] as const;
  };
  expect((await list())[0]).toEqual(ids);
  expect((await list("?status=open"))[0]).toEqual([latest, first]);
  expect((await list("?status=resolved"))[0]).toEqual([middle]);
  expect((await list("?status=resolved,open"))[0]).toEqual(ids);
  const [page, cursor] = await list("?limit=2");
  const [rest, end] = await list(`?limit=2&cursor=${cursor}`);
  expect([...page, ...rest, end]).toEqual([...ids, null]);
  for (const [method, path, body] of [
    ["GET", "/reports"],
    ["GET", `/reports/${latest}`],
    ["GET", `/reports/${newId()}`],
    ["PATCH", `/reports/${latest}`, { status: "resolved" }],
  ] as const) {
    for (const person of [ann, eve]) expect((await service.call(person, method, path, body)).status).toBe(403);
  }
  expect((await service.call(root, "GET", `/reports/${newId()}`)).status).toBe(404);
});

test("a superuser resolves a report with a note, once; then what the message said goes, and it can be reported anew", async () => {
  await using here = await talk();
  const { world, bob, root, report, look, change } = here;
  const { id } = (await report(bob)).json;
  const noted = await change(id, { note: "Asked them." });
  expect(noted).toMatchObject({
    status: 200,
    json: { status: "open", note: "Asked them.", reported_content: "rude", resolved_at: null, version: 2 },
  });
  // A report that was fetched can be sent back.
  expect((await change(id, noted.json)).json).toEqual(noted.json);
  expect(await change(id, { status: "resolved" }, { "if-match": '"1"' })).toMatchObject({
    status: 412,
    json: { error_code: "version_conflict", current: { id, version: 2 } },
  });
  const resolved = await change(id, { status: "resolved", note: "Removed it." });
  expect(resolved).toMatchObject({
    status: 200,
    json: {
      status: "resolved",
      note: "Removed it.",
      reported_content: null,
      resolved_by: root.user_id,
      resolved_at: expect.any(String),
      version: 3,
    },
  });
  expect((await change(id, { status: "resolved" })).json).toEqual(resolved.json);
  expect(await change(id, { status: "open" })).toMatchObject({ status: 422, json: { errors: [{ path: "/status" }] } });
  expect(await change(id, { reason: "mine" })).toMatchObject({ status: 422, json: { errors: [{ path: "/reason" }] } });
  expect((await change(newId(), { status: "resolved" })).status).toBe(404);
  expect((await look(id)).json).toEqual(resolved.json);
  expect((await report(bob)).status).toBe(201);
  expect((await world.events()).filter((type) => type.startsWith("report."))).toEqual([
    "report.created",
    "report.updated",
    "report.resolved",
    "report.created",
  ]);
});

test("a superuser removes a message that was reported, wherever it is, and no other; the journal says who did it", async () => {
  await using here = await talk();
  const { world, service, conversation, message, ann, bob, cid, root, report } = here;
  const remove = (as: Person, id = message.id) => service.call(as, "DELETE", `/messages/${id}`);
  const other = await service.call<Message>(ann, "POST", `/conversations/${conversation.id}/messages`, {
    content: "x",
  });
  expect((await remove(root)).status).toBe(403);
  await report(bob);
  expect([(await remove(bob)).status, (await remove(root, other.json.id)).status]).toEqual([403, 403]);
  expect((await service.call(root, "DELETE", `/messages/${message.id}`, undefined, { "if-match": '"7"' })).status).toBe(
    412,
  );
  expect([(await remove(root)).status, (await remove(root)).status]).toEqual([204, 204]);
  expect((await service.call(bob, "GET", `/messages/${message.id}`)).json).toMatchObject({ seq: 1, content: null });
  const rows = await rowsOf(world.db, sql`select actor_id, entity_id from journal where type = 'message.deleted'`);
  expect(rows).toEqual([{ actor_id: root.user_id, entity_id: message.id }]);
  // Leaving the group does not save a message from them.
  const late = await service.call<Message>(bob, "POST", `/conversations/${conversation.id}/messages`, { content: "y" });
  await service.call(ann, "POST", `/messages/${late.json.id}/report`, { reason: "x" });
  for (const person of [ann, bob, cid]) await leaveConversation(world.deps, person, conversation.id);
  expect((await remove(root, late.json.id)).status).toBe(204);
});

test("neither what the message said nor the reason or the note is in the journal", async () => {
  await using here = await talk();
  const { world, bob, report, change } = here;
  const { id } = (await report(bob, "because of reasons")).json;
  await change(id, { status: "resolved", note: "noted" });
  const rows = await rowsOf<{ data: string }>(world.db, sql`select data from journal where type like 'report.%'`);
  expect(rows.map(({ data }) => data).join()).not.toMatch(/rude|reasons|noted/);
});
