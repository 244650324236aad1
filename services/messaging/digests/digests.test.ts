import { describe, expect, test } from "bun:test";
import { newId, purge, select, sql } from "@stoa/db";
import { sendMails } from "@stoa/mail/send";
import { type MailRow, mails } from "@stoa/mail/table";
import { silent } from "@stoa/testing";
import { getTableColumns } from "drizzle-orm";
import { conversationOf } from "../conversations/of-project.ts";
import type { Conversation } from "../conversations/schema.ts";
import type { Message } from "../messages/schema.ts";
import { purges } from "../purges.ts";
import { type Service, serve } from "../test/service.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import { GATHER_MS, mailDigestsDue } from "./send.ts";

const public_url = "https://app.example.com";
const HOUR_MS = 3_600_000;

/** Two people in a group, one of whom wants mails of mentions and of due tasks; and a clock. */
async function post(quiet_hours: object | null = null) {
  await using stack = new AsyncDisposableStack();
  // Later than any event of another service here, which have the time of the test.
  const clock = { at: Date.parse("2060-11-20T12:00:00.000Z") };
  const now = () => new Date(clock.at);
  const world = stack.use(await createWorld());
  const service = stack.use(await serve(world, { deps: { now } }));
  const [ann, bob] = await world.people("ann", "bob");
  await world.apply("user.email_verified", { user_id: bob.user_id, email: "bob@example.com" });
  const kinds = { mentioned: "email", replied: "email", due_soon: "email", assigned: "email", added: "none" };
  await service.call(bob, "PATCH", "/notifications/preferences", { kinds, quiet_hours });
  const open = async (title: string) => {
    const body = { type: "group", title, participant_ids: [bob.user_id] };
    return (await service.call<Conversation>(ann, "POST", "/conversations", body)).json.id;
  };
  const group = await open("Launch");
  const deps = { db: world.db, now, public_url };
  const owned = stack.move();
  return {
    ...{ world, service, ann, bob, clock, group, open, deps },
    send: async (content: string, to = group) =>
      (await service.call<Message>(ann, "POST", `/conversations/${to}/messages`, { content })).json,
    queued: () => queuedOf(world),
    /** What is due after so long is made mails of. */
    after: async (ms: number) => {
      clock.at += ms;
      return mailDigestsDue(deps);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const queuedOf = (world: World): Promise<MailRow[]> =>
  world.db.query(select(getTableColumns(mails), sql`from ${mails} order by created_at, id`));

const textsOf = async (rows: Promise<MailRow[]>) => (await rows).map(({ text }) => text?.split("\n\n").slice(1, -2));

/** A task that is due soon, of nobody's project. */
const due = (world: World, to: Person, task_id = newId(), title = "Write") =>
  world.apply("task.due_soon", {
    ...{ task_id, project_id: null, key: null, title, version: 1, due_at: "2026-11-21T09:00:00.000Z" },
    user_ids: [to.user_id],
  });

test("whoever chose it is mailed of a notification, which is in the app as well", async () => {
  await using it = await post();
  await it.send("@bob the secret plan");
  expect(await it.after(GATHER_MS - 1)).toBe(0);
  expect(await it.after(1)).toBe(1);
  const [mail] = await it.queued();
  expect(mail).toMatchObject({
    kind: "digest",
    user_id: it.bob.user_id,
    recipient: "bob@example.com",
    status: "waiting",
    subject: "ann mentioned you in Launch",
    expires_at: new Date(it.clock.at + 24 * HOUR_MS).toISOString(),
  });
  expect(mail?.text).toBe(`Hello bob,

ann mentioned you in Launch.

Read more at https://app.example.com

You chose to be mailed of this, at most once a day about the same. Your notification preferences change that.
`);
  expect(JSON.stringify(mail)).not.toContain("secret");
  const listed = await it.service.call<{ items: unknown[] }>(it.bob, "GET", "/notifications");
  expect(listed.json.items).toMatchObject([{ kind: "mentioned", is_read: false }]);
  expect((await it.world.events()).at(-1)).toBe("notification.mailed");
  // It leaves as every mail does.
  const delivered: string[] = [];
  const mailer = { deliver: async ({ recipient }: { recipient: string }) => void delivered.push(recipient) };
  expect(await sendMails({ ...it.deps, log: silent, mailer })).toBe(1);
  expect(delivered).toEqual(["bob@example.com"]);
});

test("a day has one mail about a conversation or a task; what comes later waits for the next day, in one mail", async () => {
  await using it = await post();
  const other = await it.open("Landing");
  const task_id = newId();
  await it.send("@bob one");
  await it.send("@bob two");
  await it.send("@bob three", other);
  await due(it.world, it.bob, task_id);
  expect(await it.after(HOUR_MS)).toBe(3);
  await it.send("@bob four");
  await due(it.world, it.bob, task_id);
  await it.send("@bob five", other);
  expect(await it.after(GATHER_MS)).toBe(0);
  expect(await it.after(HOUR_MS)).toBe(0);
  await it.send("@bob six");
  expect(await it.after(10 * HOUR_MS)).toBe(3);
  expect((await textsOf(it.queued())).sort()).toEqual(
    [
      ["ann mentioned you in Landing."],
      ["ann mentioned you in Landing."],
      ["ann mentioned you in Launch.", "ann mentioned you in Launch."],
      ["ann mentioned you in Launch.", "ann mentioned you in Launch."],
      ["The task Write is due within a day."],
      ["The task Write is due within a day."],
    ].sort(),
  );
  expect((await it.queued()).map(({ subject }) => subject)).toContain("2 notifications: Launch");
});

test("a message about a task is mailed with what else there is of the task, not with its conversation", async () => {
  await using it = await post();
  const project_id = await it.world.project(it.ann, it.bob);
  const task_id = newId();
  const about = { task_id, project_id, key: null, title: "Write", version: 1, changes: [], assignee_ids: [] };
  await it.world.apply("task.created", { ...about, status: "pending", priority: "medium" }, it.ann);
  const path = `/conversations/${conversationOf(project_id)}/messages`;
  await it.service.call(it.ann, "POST", path, { content: "@bob about it", task_id });
  await it.service.call(it.ann, "POST", path, { content: "@bob about all of it" });
  await due(it.world, it.bob, task_id);
  expect(await it.after(HOUR_MS)).toBe(2);
  expect((await textsOf(it.queued())).map((lines) => lines?.toSorted()).sort()).toEqual([
    ["The task Write is due within a day.", "ann mentioned you in Apollo."],
    ["ann mentioned you in Apollo."],
  ]);
  expect(await it.world.db.query(sql`select 1 from mail_digests where topic_id = ${task_id}`)).toHaveLength(1);
});

describe("a mail that waits", () => {
  test("does not go when its object is out of reach meanwhile", async () => {
    await using it = await post();
    const other = await it.open("Landing");
    await it.send("@bob one");
    await it.send("@bob two", other);
    expect(await it.after(HOUR_MS)).toBe(2);
    await it.service.call(it.bob, "DELETE", `/conversations/${it.group}`);
    expect((await it.queued()).map(({ subject }) => subject)).toEqual(["ann mentioned you in Landing"]);
  });

  test("does not go while its object is in the trash", async () => {
    await using it = await post();
    const task_id = newId();
    const project_id = await it.world.project(it.ann, it.bob);
    const about = { task_id, project_id, key: null, title: "Write", version: 2 };
    await due(it.world, it.bob, task_id);
    await it.world.apply("task.overdue", { ...about, due_at: "2026-11-21T09:00:00.000Z", user_ids: [it.bob.user_id] });
    expect(await it.after(HOUR_MS)).toBe(1);
    await it.world.apply("task.trashed", about, it.ann);
    expect(await it.queued()).toEqual([]);
    expect(await it.after(48 * HOUR_MS)).toBe(0);
  });

  test("goes without what is out of reach, the same day and once", async () => {
    await using it = await post();
    const { id } = await it.send("@bob one");
    await it.send("@bob two");
    await it.send("@bob three");
    expect(await it.after(HOUR_MS)).toBe(1);
    await it.service.call(it.ann, "DELETE", `/messages/${id}`);
    expect(await it.queued()).toEqual([]);
    expect(await it.after(0)).toBe(1);
    expect(await textsOf(it.queued())).toEqual([["ann mentioned you in Launch.", "ann mentioned you in Launch."]]);
    expect(await it.after(0)).toBe(0);
  });

  test("is not tried again when it was on its way, and what else it told of is not mailed twice", async () => {
    await using it = await post();
    const { id } = await it.send("@bob one");
    await it.send("@bob two");
    await it.after(HOUR_MS);
    const deliver = async () => {
      await it.service.call(it.ann, "DELETE", `/messages/${id}`);
      throw new Error("The server is away.");
    };
    expect(await sendMails({ ...it.deps, log: silent, mailer: { deliver } })).toBe(0);
    expect([await it.queued(), await it.after(HOUR_MS)]).toEqual([[], 0]);
  });

  test("stays what it was once it was sent", async () => {
    await using it = await post();
    await it.send("@bob one");
    await it.after(HOUR_MS);
    await sendMails({ ...it.deps, log: silent, mailer: { deliver: async () => undefined } });
    await it.service.call(it.bob, "DELETE", `/conversations/${it.group}`);
    expect(await it.queued()).toMatchObject([{ status: "sent", text: null }]);
  });
});

test("however many instances look at the same time, there is one mail", async () => {
  await using it = await post();
  const groups = [it.group, await it.open("Landing"), await it.open("Lunch")];
  for (const group of groups) await it.send("@bob look", group);
  it.clock.at += HOUR_MS;
  const counts = await Promise.all(Array.from({ length: 8 }, () => mailDigestsDue(it.deps)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(await it.queued()).toHaveLength(3);
  expect((await it.world.events()).filter((type) => type === "notification.mailed")).toHaveLength(3);
});

test("nothing is mailed in quiet hours, by the user's own clock; it is when they end", async () => {
  await using it = await post({ from: "20:00", to: "06:30", tz: "Asia/Tokyo" });
  // It is 21:00 in Tokyo.
  await it.send("@bob one");
  expect(await it.after(HOUR_MS)).toBe(0);
  expect(await it.after(8 * HOUR_MS)).toBe(0);
  await it.send("@bob two");
  expect(await it.after(HOUR_MS / 2)).toBe(1);
  expect((await textsOf(it.queued()))[0]).toHaveLength(2);
  expect((await it.queued())[0]?.created_at).toBe("2060-11-20T21:30:00.000Z");
});

describe("nothing is mailed", () => {
  const nothing = async (change: (it: Awaited<ReturnType<typeof post>>) => Promise<unknown>) => {
    await using it = await post();
    await it.send("@bob look");
    await change(it);
    expect([await it.after(HOUR_MS), await it.after(48 * HOUR_MS)]).toEqual([0, 0]);
    expect(await it.queued()).toEqual([]);
  };
  const read = (service: Service, as: Person) => service.call(as, "POST", "/notifications/read", { all: true });

  test("of what was read meanwhile", () => nothing(({ service, bob }) => read(service, bob)));

  test("to a user without a verified address", () =>
    nothing(({ world, bob }) => world.apply("user.email_changed", { user_id: bob.user_id, email: null })));

  test("to a user whose address a superuser takes for not verified", () =>
    nothing(({ world, bob }) =>
      world.apply("user.updated", {
        ...{ user_id: bob.user_id, username: "bob", full_name: null },
        changed: ["email_verified"],
      }),
    ));

  test("to a user who is disabled", () =>
    nothing(({ world, bob }) => world.apply("user.disabled", { user_id: bob.user_id, session_ids: [] })));

  test("to a user who was erased", () =>
    nothing(({ world, bob }) => world.apply("user.erased", { user_id: bob.user_id, session_ids: [] })));

  test("of a message that was deleted", () =>
    nothing(async ({ service, ann, group }) => {
      const { json } = await service.call<{ items: Message[] }>(ann, "GET", `/conversations/${group}/messages`);
      await service.call(ann, "DELETE", `/messages/${json.items[0]?.id}`);
    }));

  test("of a group that they have left", () =>
    nothing(({ service, bob, group }) => service.call(bob, "DELETE", `/conversations/${group}`)));

  test("once they do not want it any more", () =>
    nothing(({ service, bob }) =>
      service.call(bob, "PATCH", "/notifications/preferences", { kinds: { mentioned: "in_app" } }),
    ));
});

test("of several notifications of a topic the unread ones are mailed", async () => {
  await using it = await post();
  await it.send("@bob one");
  await it.service.call(it.bob, "POST", "/notifications/read", { all: true });
  await it.send("@bob two");
  expect(await it.after(HOUR_MS)).toBe(1);
  expect(await textsOf(it.queued())).toEqual([["ann mentioned you in Launch."]]);
});

test("a mail goes to the address that is verified now", async () => {
  await using it = await post();
  await it.send("@bob look");
  await it.world.apply("user.email_changed", { user_id: it.bob.user_id, email: "new@example.com" });
  expect(await it.after(HOUR_MS)).toBe(1);
  expect((await it.queued()).map(({ recipient }) => recipient)).toEqual(["new@example.com"]);
});

test("what an event that is older than the field tells of an address is that there is none, until another says it", async () => {
  await using it = await post();
  await it.world.apply("user.email_verified", { user_id: it.bob.user_id });
  await it.send("@bob look");
  expect(await it.after(HOUR_MS)).toBe(0);
  await it.world.apply("user.email_known", { user_id: it.bob.user_id, email: "bob@example.com" });
  await it.send("@bob look");
  expect(await it.after(HOUR_MS)).toBe(1);
});

test("an erased user's mails and address go, and an event that comes late does not bring the address back", async () => {
  await using it = await post();
  await it.send("@bob look");
  await it.after(HOUR_MS);
  const { user_id } = it.bob;
  await it.world.apply("user.erased", { user_id, session_ids: [] });
  await it.world.apply("user.email_verified", { user_id, email: "bob@example.com" });
  expect(await it.queued()).toEqual([]);
  const left = await it.world.db.query(sql`select email from directory where user_id = ${user_id}`);
  expect(left).toEqual([{ email: null }]);
  expect(await it.world.db.query(sql`select * from mail_digests`)).toEqual([]);
});

test("names and titles that would be links are none in a mail, nor do they break its lines", async () => {
  await using it = await post();
  const trap = await it.open("Renew at https://evil.example/now");
  await it.send("@bob look", trap);
  await it.world.apply("user.updated", {
    ...{ user_id: it.ann.user_id, username: "ann", full_name: "Support <a href=//evil.example>" },
  });
  await it.after(HOUR_MS);
  const [mail] = await it.queued();
  expect(mail?.subject).toBe("Support <a href= evil example> mentioned you in Renew at https evil example now");
  expect(mail?.html).not.toContain("<a href");
  expect(mail?.text).not.toContain("evil.example");
});

test("a mail names twenty notifications and counts the others; more than a hundred do not stop it", async () => {
  await using it = await post();
  for (let n = 0; n < 101; n++) await it.send(`@bob ${n}`);
  expect(await it.after(HOUR_MS)).toBe(1);
  const [mail] = await it.queued();
  expect(mail?.subject).toBe("100 notifications: Launch");
  expect((mail?.text ?? "").split("ann mentioned you").length - 1).toBe(20);
  expect(mail?.text).toContain("And 80 more.");
  expect(await it.after(24 * HOUR_MS)).toBe(1);
});

test("that a day had its mail is forgotten when the day is over everywhere", async () => {
  await using it = await post();
  await it.send("@bob look");
  await it.after(HOUR_MS);
  const rows = () => it.world.db.query(sql`select topic_id from mail_digests`);
  await purge(it.world.db, purges, new Date(it.clock.at + 48 * HOUR_MS));
  expect(await rows()).toEqual([{ topic_id: it.group }]);
  await purge(it.world.db, purges, new Date(it.clock.at + 73 * HOUR_MS));
  expect(await rows()).toEqual([]);
});
