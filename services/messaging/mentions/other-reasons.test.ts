import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import type { Conversation } from "../conversations/schema.ts";
import type { Message } from "../messages/schema.ts";
import type { Notification } from "../notifications/schema.ts";
import { listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { startTalk, type Talk } from "../test/task-talk.ts";

/** Why a message concerns Bob besides that it mentions him. */
interface Reason {
  /** It answers one of his, about the task or not. */
  readonly answers?: boolean;
  /** It is about a task. */
  readonly talk?: boolean;
  /** He made the task, is assigned to it, or asked to follow it; `not`: he asked not to. */
  readonly follows?: "made" | "assigned" | "asked" | "not";
  readonly muted?: boolean;
  readonly preferences?: Readonly<Record<string, string>>;
}

const reasons: readonly (readonly [what: string, reason: Reason, left: readonly string[]])[] = [
  ["no other", {}, []],
  ["it answers him", { answers: true }, ["replied message"]],
  ["it answers him, of which he wants to hear nothing", { answers: true, preferences: { replied: "none" } }, []],
  ["it is about a task", { talk: true }, []],
  ["it is about a task that he made", { talk: true, follows: "made" }, ["commented task"]],
  ["it is about a task that he is assigned to", { talk: true, follows: "assigned" }, ["commented task"]],
  ["it is about a task that he asked to follow", { talk: true, follows: "asked" }, ["commented task"]],
  ["it is about a task that he asked not to follow", { talk: true, follows: "not" }, []],
  [
    "it is about a task that he made, in a conversation that he has muted",
    { talk: true, follows: "made", muted: true },
    [],
  ],
  [
    "it is about a task that he made, and answers him",
    { talk: true, follows: "made", answers: true },
    ["replied message"],
  ],
  [
    "both, and he wants to hear of no answers",
    { talk: true, follows: "made", answers: true, preferences: { replied: "none" } },
    ["commented task"],
  ],
  [
    "both, and he wants to hear of neither",
    { talk: true, follows: "made", answers: true, preferences: { replied: "none", commented: "none" } },
    [],
  ],
];

/** What an edit makes of `@bob look`, whether Bob is still mentioned, and how often he is told anew. */
const edits: readonly (readonly [what: string, contents: readonly string[], mentioned: boolean, again: number])[] = [
  ["takes the mention away", ["look"], false, 0],
  ["mentions somebody else instead", ["@cid look"], false, 0],
  ["puts the mention into code", ["`@bob` look"], false, 0],
  ["keeps it", ["@bob look here"], true, 0],
  ["takes it away, and another brings it back", ["look", "@bob look"], true, 1],
  ["takes it away, brings it back and takes it away again", ["look", "@bob look", "look"], false, 0],
];

async function set(talk: Talk, { answers, talk: about, follows, muted, preferences }: Reason) {
  const { service, ann, bob, project_id, conversation_id } = talk;
  const task_id = about
    ? await talk.task(project_id, {
        ...(follows === "made" && { by: bob }),
        assignee_ids: follows === "assigned" ? [bob.user_id] : [],
      })
    : undefined;
  if (follows === "asked") expect((await service.call(bob, "PUT", `/follows/tasks/${task_id}`)).status).toBe(200);
  if (follows === "not") await service.call(bob, "DELETE", `/follows/tasks/${task_id}`);
  if (muted) await service.call(bob, "PUT", `/conversations/${conversation_id}/mute`);
  if (preferences) await service.call(bob, "PATCH", "/notifications/preferences", { kinds: preferences });
  const path = `/conversations/${conversation_id}/messages`;
  const parent_id = answers ? (await service.call<Message>(bob, "POST", path, { content: "?" })).json.id : null;
  const sent = await service.call<Message>(ann, "POST", path, {
    content: "@bob look",
    parent_id,
    ...(task_id && { task_id }),
  });
  expect(sent.status).toBe(201);
  return { id: sent.json.id, task_id };
}

const toldOf = async ({ service, bob }: Talk) =>
  (await service.call<{ items: Notification[] }>(bob, "GET", "/notifications")).json.items.filter(({ kind }) =>
    ["mentioned", "replied", "commented"].includes(kind),
  );

test.each(reasons)(
  "after any edit he is told of a message for the reason that is left: %s",
  async (_, reason, left) => {
    await using talk = await startTalk();
    const { service, ann, bob, conversation_id } = talk;
    for (const [what, contents, mentioned, again] of edits) {
      const { id, task_id } = await set(talk, reason);
      const [first, ...none] = await toldOf(talk);
      expect([what, first?.kind, none]).toEqual([what, "mentioned", []]);
      for (const content of contents) {
        expect((await service.call(ann, "PATCH", `/messages/${id}`, { content })).status).toBe(200);
      }
      const told = await toldOf(talk);
      const shown = told.map(({ kind, object }) => `${kind} ${object.type}`);
      const anew = Array.from({ length: again }, () => "mentioned message");
      const kept = contents.length === 1 && mentioned ? ["mentioned message"] : [...anew, ...left];
      expect([what, shown.toSorted()]).toEqual([what, kept.toSorted()]);
      for (const { kind, object, created_at, id: own } of told) {
        expect([what, object.id]).toEqual([what, kind === "commented" ? (task_id ?? "") : id]);
        if (again === 0) expect([own, created_at]).toEqual([first?.id ?? "", first?.created_at ?? ""]);
      }
      const seen = (await service.call<Conversation>(bob, "GET", `/conversations/${conversation_id}`)).json;
      const message = (await service.call<Message>(bob, "GET", `/messages/${id}`)).json;
      expect([what, seen.mentions, message.mentions.includes(bob.user_id)]).toEqual([
        what,
        mentioned ? 1 : 0,
        mentioned,
      ]);
      await service.call(ann, "DELETE", `/messages/${id}`);
      expect([what, await toldOf(talk)]).toEqual([what, []]);
    }
  },
);

test("whoever asked to follow a task within the millisecond of the message followed it before", async () => {
  await using talk = await startTalk();
  const { world, ann } = talk;
  const moment = new Date();
  await using service = await serve(world, { deps: { now: () => moment } });
  const { id, task_id } = await set({ ...talk, service }, { talk: true, follows: "asked" });
  await service.call(ann, "PATCH", `/messages/${id}`, { content: "look" });
  expect((await toldOf(talk)).map(({ kind, object }) => [kind, object.id])).toEqual([["commented", task_id ?? ""]]);
  // Whom the message alone made follow the task is told nothing of it.
  const other = await set({ ...talk, service }, { talk: true });
  await service.call(ann, "PATCH", `/messages/${other.id}`, { content: "look" });
  expect(await toldOf(talk)).toHaveLength(1);
});

test("streams are told of the other reason under the same id, a read one stays read, and a mail goes by the kind that is left", async () => {
  await using talk = await startTalk();
  const { service, world, ann, bob } = talk;
  const mailed = () =>
    rowsOf(world.db, sql`select kind, mail_at is not null as due from notifications where kind <> 'added'`);
  const { id } = await set(talk, { answers: true, preferences: { replied: "email" } });
  const [told] = await toldOf(talk);
  expect(await mailed()).toEqual([{ kind: "mentioned", due: 0 }]);
  using his = await listen(service, bob);
  await his.until(({ event }) => event === "ready");
  await service.call(ann, "PATCH", `/messages/${id}`, { content: "look" });
  const { data } = await his.until(({ event }) => event === "notification.created");
  expect(data).toMatchObject({ id: told?.id ?? "", kind: "replied", is_read: false });
  expect(his.events.some(({ event }) => event === "notification.withdrawn")).toBe(false);
  expect(await mailed()).toEqual([{ kind: "replied", due: 1 }]);

  const again = await set(talk, { answers: true });
  await service.call(bob, "POST", "/notifications/read", { all: true });
  await service.call(ann, "PATCH", `/messages/${again.id}`, { content: "look" });
  expect((await toldOf(talk)).map(({ kind, is_read }) => `${kind} ${is_read}`)).toEqual([
    "replied true",
    "replied true",
  ]);
});
