import { expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { eventually } from "@stoa/testing";
import { conversationOf } from "../../conversations/of-project.ts";
import type { Notification } from "../../notifications/schema.ts";
import { type Assisted, assisted } from "../../test/assisted.ts";
import { done, piece, type Script, says, told } from "../../test/chat-server.ts";
import type { Person } from "../../test/world.ts";

/** A project of ann and others, with an assistant, and a task that the others are assigned to. */
async function aboutTask(script: Script) {
  const a = await assisted({ script });
  const others = await a.world.people("cid", "dee", "fay", "gus");
  const project_id = await a.world.project(a.ann, a.bob, ...others);
  const conversation = `/conversations/${conversationOf(project_id)}`;
  const [task_id, assignee_ids] = [newId(), [a.bob, ...others].map(({ user_id }) => user_id)];
  const task = { task_id, project_id, key: null, title: "Write", version: 1, changes: [], assignee_ids };
  await a.world.apply("task.created", { ...task, status: "pending", priority: "low" }, a.ann);
  await a.service.call(a.ann, "POST", `${conversation}/assistants`, { name: "helper", model: "m", trigger: "mention" });
  const say = (content: string) => a.service.call(a.ann, "POST", `${conversation}/messages`, { content, task_id });
  return { a, others, project_id, conversation, task_id, say };
}

type Comment = [kind: string, by: string | null, about: string | null];

/** What someone was told of what was said, the latest first. */
async function heard(a: Assisted, as: Person): Promise<Comment[]> {
  const { items } = (await a.service.call<{ items: Notification[] }>(as, "GET", "/notifications")).json;
  return items.flatMap(({ kind, actor_id, object }): Comment[] =>
    kind === "commented" || kind === "mentioned" ? [[kind, actor_id, object?.title ?? null]] : [],
  );
}

const events = async (a: Assisted, type: string) => (await a.world.events()).filter((one) => one === type).length;
const ended = (a: Assisted, count: number) =>
  eventually(async () => (await events(a, "message.completed")) === count, { what: `${count} ended answers` });

test("a complete answer about a task is told to who follows it, as a message of whoever asked: once each, and not to the asker", async () => {
  const { a, others, say } = await aboutTask(says("Ask ", "@cid."));
  await using _ = a;
  await say("@helper, who knows?");
  await ended(a, 1);
  const comment: Comment = ["commented", a.ann.user_id, "Write"];
  const [cid, dee] = others;
  expect(await heard(a, a.bob)).toEqual([comment, comment]);
  expect(await heard(a, dee)).toEqual([comment, comment]);
  // Whom it mentions is told that.
  expect((await heard(a, cid)).map(([kind]) => kind).toSorted()).toEqual(["commented", "mentioned"]);
  expect(await heard(a, a.ann)).toEqual([]);
  expect((await a.world.events()).slice(-6)).toEqual([
    "message.completed",
    ...Array.from({ length: 5 }, () => "notification.created"),
  ]);
});

test("not to who has muted the conversation, wants none of it, has blocked the asker, or follows no more", async () => {
  const { a, others, conversation, task_id, say } = await aboutTask(says("Yes."));
  await using _ = a;
  const [cid, dee, fay, gus] = others;
  await a.service.call(cid, "PUT", `${conversation}/mute`);
  await a.service.call(dee, "PATCH", "/notifications/preferences", { kinds: { commented: "none" } });
  await a.service.call(fay, "PUT", `/blocks/${a.ann.user_id}`);
  await a.service.call(gus, "DELETE", `/follows/tasks/${task_id}`);
  await say("@helper?");
  await ended(a, 1);
  expect(await Promise.all(others.map((person) => heard(a, person)))).toEqual([[], [], [], []]);
  expect(await heard(a, a.bob)).toHaveLength(2);
});

test("nobody is told of one that was cancelled, nor of one whose task went to the trash meanwhile", async () => {
  const first = told();
  const { a, task_id, project_id, say } = await aboutTask(first.script);
  await using _ = a;
  const begun = () =>
    eventually(async () => {
      const path = `/messages?task_id=${task_id}`;
      const { json } = await a.service.call<{ items: { id: string; status: string }[] }>(a.ann, "GET", path);
      return json.items.find(({ status }) => status === "streaming");
    });
  await say("@helper, one?");
  const { id } = await begun();
  first.send(piece("Well, @cid"));
  const before = await events(a, "notification.created");
  expect((await a.service.call(a.ann, "POST", `/messages/${id}/cancel`)).status).toBe(200);
  await ended(a, 1);
  expect(await events(a, "notification.created")).toBe(before);

  const second = told();
  a.chat.script = second.script;
  await say("@helper, two?");
  await begun();
  await a.world.apply("task.trashed", { task_id, project_id, key: null, title: "Write", version: 2 }, a.ann);
  const asked = await events(a, "notification.created");
  second.send(piece("Yes."));
  second.send(done);
  await ended(a, 2);
  expect(await events(a, "notification.created")).toBe(asked);
});
