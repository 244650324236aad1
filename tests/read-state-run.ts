import { newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { blockUser } from "@stoa/messaging/blocks/block";
import { unblockUser } from "@stoa/messaging/blocks/unblock";
import { markRead } from "@stoa/messaging/conversations/mark-read";
import { conversationOf } from "@stoa/messaging/conversations/of-project";
import { readConversation } from "@stoa/messaging/conversations/read";
import { deleteMessage } from "@stoa/messaging/edits/delete";
import { editMessage } from "@stoa/messaging/edits/edit";
import { listMessages } from "@stoa/messaging/messages/list";
import { listMyMessages } from "@stoa/messaging/messages/list-mine";
import { readUpTo } from "@stoa/messaging/messages/mark-read";
import type { Message } from "@stoa/messaging/messages/schema";
import { countUnread } from "@stoa/messaging/messages/unread";
import { removeParticipant } from "@stoa/messaging/participants/remove";
import { react } from "@stoa/messaging/reactions/react";
import { addParticipant, createGroup, openDirect, sendMessage } from "@stoa/messaging/test/without-key";
import { createWorld, type Person, type World } from "@stoa/messaging/test/world";
import { type Random, random } from "./random.ts";

/** A conversation, and the read mark that each participant should have. */
interface Talk {
  readonly id: string;
  readonly kind: "group" | "direct" | "project";
  readonly marks: Map<string, number>;
  last: number;
}

/** One user's counts in one conversation. */
interface Counts {
  readonly unread: number;
  readonly mentions: number;
}

/**
 * Sends, edits, deletes, answers, reacts, reads, blocks, leaves and comes back at random, and after each step compares what users
 * are told of their unread messages with a slow recount.
 *
 * @returns what differs, a line for each fault
 */
export async function runReadState({ seed, steps }: { seed: number; steps: number }): Promise<string[]> {
  await using world = await createWorld();
  const people = await world.people("ann", "bob", "cid");
  const chance = random(seed);
  const talks = await talksOf(world, people);
  const faults: string[] = [];
  for (let step = 1; step <= steps && faults.length === 0; step++) {
    const what = await act(world, people, talks, chance);
    for (const person of people) {
      faults.push(...(await faultsOf(world, person, talks)).map((fault) => `${what} (step ${step}): ${fault}`));
    }
  }
  return faults;
}

async function talksOf(world: World, [ann, bob, cid]: readonly Person[]): Promise<Talk[]> {
  if (!ann || !bob || !cid) throw new Error("It takes three people.");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id, cid.user_id] });
  const { conversation: direct } = await openDirect(world.deps, ann, bob.user_id);
  const project = conversationOf(await world.project(ann, bob, cid));
  const talk = (id: string, kind: Talk["kind"], ...who: Person[]): Talk => ({
    id,
    kind,
    marks: new Map(who.map(({ user_id }) => [user_id, 0])),
    last: 0,
  });
  return [
    talk(group.id, "group", ann, bob, cid),
    talk(direct.id, "direct", ann, bob),
    talk(project, "project", ann, bob, cid),
  ];
}

/** Does something at random, by someone who may or may not. @returns what */
async function act(world: World, people: readonly Person[], talks: readonly Talk[], chance: Random): Promise<string> {
  const { deps } = world;
  const talk = chance.pick(talks);
  const person = chance.pick(people);
  const messages = await messagesOf(world, talk, people);
  const message = messages.length > 0 ? chance.pick(messages) : undefined;
  const content = `${chance.pick(["Well", "Look", "Hm"])} ${chance.pick(["@ann", "@bob", "@cid", "`@ann`", ""])} ${newId()}`;
  const moves: Record<string, () => Promise<unknown>> = {
    send: async () => {
      const { message: sent } = await sendMessage(deps, person, talk.id, {
        content,
        parent_id: message && chance.below(3) === 0 ? message.id : null,
      });
      moved(talk, person, sent.seq);
      talk.last = sent.seq;
    },
    "send again": async () => {
      const client_id = `c${chance.below(3)}`;
      const { message: sent, replayed } = await sendMessage(deps, person, talk.id, { content: "again", client_id });
      if (replayed) return;
      moved(talk, person, sent.seq);
      talk.last = sent.seq;
    },
    edit: async () => message && editMessage(deps, person, message.id, { content }),
    delete: async () => message && deleteMessage(deps, person, message.id),
    react: async () => message && react(deps, person, message.id, "👍", chance.below(2) === 0),
    "read to a seq": async () => {
      const seq = chance.below(talk.last + 3);
      await markRead(deps, person, talk.id, seq);
      moved(talk, person, Math.min(seq, talk.last));
    },
    "read a message": async () => {
      if (!message) return;
      await readUpTo(deps, person, message.id);
      moved(talk, person, message.seq);
    },
    "leave and come back": async () => {
      if (talk.kind !== "group" || person.username === "ann") return;
      const [owner] = people;
      if (!owner) return;
      if (talk.marks.delete(person.user_id)) await removeParticipant(deps, person, talk.id, person.user_id);
      // Who has blocked the owner stays away until they block them no more.
      await addParticipant(deps, owner, talk.id, person.user_id);
      talk.marks.set(person.user_id, talk.last);
    },
    block: () => blockUser(deps, person, chance.pick(people).user_id),
    unblock: () => unblockUser(deps, person, chance.pick(people).user_id),
    "complete a task": async () => {
      if (talk.kind !== "project") return;
      const project_id = (await readConversation(world.db, person, talk.id)).project_id;
      await world.apply(
        chance.pick(["task.completed", "task.reopened"] as const),
        { task_id: chance.pick(tasks), project_id, key: "APO-1", title: "Write", version: 1, changes: [] },
        person,
      );
      talk.last = (await readConversation(world.db, person, talk.id)).last_seq;
    },
  };
  const what = chance.pick(Object.keys(moves));
  try {
    await moves[what]?.();
  } catch (error) {
    // Nothing has happened: someone who may not, or a message that is gone.
    if (!(error instanceof StoaError)) throw error;
  }
  return `${person.username} ${what} in the ${talk.kind}`;
}

const tasks = [newId(), newId()] as const;

function moved({ marks }: Talk, { user_id }: Person, seq: number): void {
  marks.set(user_id, Math.max(marks.get(user_id) ?? 0, seq));
}

async function messagesOf(world: World, talk: Talk, people: readonly Person[]): Promise<Message[]> {
  const reader = people.find(({ user_id }) => talk.marks.has(user_id));
  return reader ? everything(world, reader, talk.id) : [];
}

/** All messages of a conversation as someone sees them. */
async function everything({ deps }: World, person: Person, id: string): Promise<Message[]> {
  const items: Message[] = [];
  for (let after_seq = 0; ; after_seq = items.at(-1)?.seq ?? 0) {
    const page = await listMessages(deps, person, id, { after_seq, limit: 100 });
    items.push(...page.items);
    if (page.next_cursor === null) return items;
  }
}

/** What someone is told, compared with what the messages themselves say. */
async function faultsOf(world: World, person: Person, talks: readonly Talk[]): Promise<string[]> {
  const faults: string[] = [];
  const expect = (what: string, told: unknown, counted: unknown) => {
    const [one, other] = [JSON.stringify(told), JSON.stringify(counted)];
    if (one !== other) faults.push(`${person.username} is told ${what} ${one}, not ${other}`);
  };
  const counted = new Map<string, Counts>();
  const unreadIds: string[] = [];
  for (const { id, kind, marks, last } of talks) {
    const mark = marks.get(person.user_id);
    if (mark === undefined) continue;
    const messages = await everything(world, person, id);
    expect(
      `the numbers of the ${kind}`,
      messages.map(({ seq }) => seq),
      Array.from({ length: last }, (_, n) => n + 1),
    );
    const unread = messages.filter(
      (one) => one.seq > mark && one.sender_id !== person.user_id && one.type === "user" && one.deleted_at === null,
    );
    const mentions = unread.filter((one) => one.mentions.includes(person.user_id)).length;
    counted.set(id, { unread: unread.length, mentions });
    unreadIds.push(...unread.map((one) => one.id));
    const told = await readConversation(world.db, person, id);
    expect(`of the ${kind}`, [told.unread, told.mentions, told.read_seq], [unread.length, mentions, mark]);
    for (const { id: message_id, reply_count } of messages) {
      const replies = messages.filter((one) => one.parent_id === message_id && one.deleted_at === null);
      expect("replies", reply_count, replies.length);
    }
  }
  const { total, conversations } = await countUnread(world.db, person);
  const sorted = [...counted].filter(([, { unread }]) => unread > 0).map(([id, counts]) => ({ id, ...counts }));
  expect(
    "in all",
    conversations,
    sorted.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
  expect("as a total", total, unreadIds.length);
  const listed = await listMyMessages(world.deps, person, { unread: true, limit: 100 });
  expect("to read", listed.items.map(({ id }) => id).toSorted(), unreadIds.toSorted().slice(-100));
  return faults;
}
