import { expect, test } from "bun:test";
import { newId, select, sql } from "@stoa/db";
import { command } from "@stoa/journal";
import { mails } from "@stoa/mail/table";
import { mailDigestsDue } from "../digests/send.ts";
import { mentionParts } from "../mentions/parts.ts";
import { addMessage, nextSeq } from "../messages/add.ts";
import { group } from "../test/group.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import { announced, commented } from "./news-of-message.ts";
import { these } from "./notify.ts";
import type { Notification } from "./schema.ts";

/** Sends a message about a task, as the send does it. */
async function write(world: World, as: Person, conversation_id: string, task_id: string, more: object) {
  const { content, followers } = { content: "how far?", followers: [] as Person[], ...more };
  const [id, time, sender_id] = [newId(), new Date().toISOString(), as.user_id];
  const about = { cause: as.cause, time, message_id: id, conversation_id };
  const task = { id: task_id, title: "Write the plan", followers: these(followers.map(({ user_id }) => user_id)) };
  const seq = nextSeq(conversation_id);
  const data = { conversation_id, message_id: id, seq, kind: "user", sender_id } as const;
  await command(
    world.db,
    as.cause,
    { type: "message.sent", aggregate_id: conversation_id, entity_id: id, time, data },
    [
      {
        effects: (happened) => [
          ...addMessage({ id, conversation_id, type: "user", content, time, sender_id }, happened),
          sql`update messages set task_id = ${task_id} where id = ${id} and ${happened}`,
        ],
      },
      ...announced(about, mentionParts(as, { ...about, content, before: null }), commented(about, task)),
    ],
  );
  return id;
}

test("those who follow a task and take part are notified of what others write about it, once", async () => {
  await using world = await createWorld();
  const [ann, bob, cid, eve] = await world.people("ann", "bob", "cid", "eve");
  const { service, conversation } = await group(world, ann, bob, cid);
  await using _ = service;
  const followers = [ann, bob, cid, eve];
  const task_id = newId();
  const id = await write(world, ann, conversation.id, task_id, { content: "@cid how far?", followers });
  const of = async (who: Person) =>
    (await service.call<{ items: Notification[] }>(who, "GET", "/notifications")).json.items.filter(
      ({ kind }) => kind !== "added",
    );
  expect(await of(bob)).toMatchObject([
    { kind: "commented", actor_id: ann.user_id, object: { type: "task", id: task_id, title: "Write the plan" } },
  ]);
  expect((await of(cid)).map(({ kind }) => kind)).toEqual(["mentioned"]);
  expect([await of(ann), await of(eve)]).toEqual([[], []]);
  await service.call(ann, "DELETE", `/messages/${id}`);
  expect(await of(bob)).toEqual([]);
});

test("what is said about a task is mailed with what else happens to the task: once a day", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { service, conversation } = await group(world, ann, bob);
  await using _ = service;
  await world.apply("user.email_verified", { user_id: bob.user_id, email: "bob@example.com" });
  const body = { kinds: { mentioned: "email", commented: "email", due_soon: "email" } };
  await service.call(bob, "PATCH", "/notifications/preferences", body);
  const [task_id, other] = [newId(), newId()];
  const followers = [bob];
  await write(world, ann, conversation.id, task_id, { followers });
  await write(world, ann, conversation.id, task_id, { content: "@bob?", followers });
  await world.apply("task.due_soon", {
    ...{
      task_id,
      project_id: null,
      key: null,
      title: "Write the plan",
      version: 1,
      due_at: "2026-11-21T09:00:00.000Z",
    },
    user_ids: [bob.user_id],
  });
  await write(world, ann, conversation.id, other, { followers });
  await mailDigestsDue({ db: world.db, now: () => new Date(Date.now() + 60_000), public_url: "https://a.example" });
  const queued = await world.db.query(select({ subject: mails.subject }, sql`from ${mails} order by subject`));
  expect(queued.map(({ subject }) => subject)).toEqual([
    "3 notifications: Write the plan",
    "ann wrote about the task Write the plan",
  ]);
});
