import { newId } from "@stoa/db";
import type { EventData, EventName } from "@stoa/events";
import { applyEvent, type Doing, envelope, stageOf, standIn } from "@stoa/testing";
import { type Begun, beginAnswer } from "../assistants/answers/begin.ts";
import { waitingAnswers } from "../assistants/answers/open.ts";
import { conversationOf } from "../conversations/of-project.ts";
import { handlers } from "../handlers.ts";
import { serve } from "./service.ts";
import { createWorld, type Person, type World } from "./world.ts";

/** A request as somebody. */
export type Request = readonly [
  person: Person,
  method: string,
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
];

/** The settings of assistants that nothing is asked of. */
export const settings = { urls: ["http://127.0.0.1:9/v1"], key: null, models: null, daily_tokens: 100_000 } as const;

/**
 * A stage on which there is something of everything, and the ids of that. Ann owns a group with Bob and Cid, and a pair
 * with Bob; she and Bob have a direct conversation, another one with Cid she has left; Eve is in none. In the group are
 * `first` of Ann's, `mention` of Bob's, which Ann has reacted to and Cid has reported, and `reply` of Bob's, which is
 * pinned; then Ann has asked an assistant, which has begun to answer, and Bob has asked it too. Ann, Bob and Cid are in a
 * project, where Cid has said `about` a task; Ann and Cid in another one. Bob wants his messages erased.
 */
export async function startScene() {
  const world = await createWorld({ inFile: true });
  const [ann, bob, cid, eve] = await world.people("ann", "bob", "cid", "eve");
  const root: Person = { ...(await world.person("root")), is_superuser: true };
  for (const { user_id, username } of [ann, bob]) {
    await world.apply("user.email_known", { user_id, email: `${username}@example.com` });
  }
  const [project, elsewhere] = [await world.project(ann, bob, cid), await world.project(ann, cid)];
  const task = { task_id: newId(), project_id: project, key: null, title: "Plan", version: 1, changes: [] };
  const fields = { status: "pending", priority: "medium", assignee_ids: [bob.user_id] } as const;
  await world.apply("task.created", { ...task, ...fields, assignee_ids: [bob.user_id] }, ann);
  const service = await served(world);
  const make = async (person: Person, method: string, path: string, body?: object) => {
    const { status, json } = await service.call<{ id: string }>(person, method, path, body);
    if (status > 204) throw new Error(`${path} answered ${status}: ${JSON.stringify(json)}`);
    return json?.id ?? "";
  };
  for (const person of [ann, bob]) {
    await make(person, "PATCH", "/notifications/preferences", { kinds: { mentioned: "email", replied: "email" } });
  }
  const open = (type: string, ...others: Person[]) =>
    make(ann, "POST", "/conversations", { type, participant_ids: others.map(({ user_id }) => user_id) });
  const left = await open("direct", cid);
  await make(ann, "DELETE", `/conversations/${left}`);
  const [group, pair, direct] = [await open("group", bob, cid), await open("group", bob), await open("direct", bob)];
  await make(ann, "PATCH", `/conversations/${group}`, { title: "G" });
  const talk = conversationOf(project);
  const send = (person: Person, conversation: string, body: object) =>
    make(person, "POST", `/conversations/${conversation}/messages`, body);
  const first = await send(ann, group, { content: "one" });
  const mention = await send(bob, group, { content: "hi @ann" });
  const reply = await send(bob, group, { content: "reply", parent_id: first });
  await send(ann, direct, { content: "direct" });
  const about = await send(cid, talk, { content: "about it", task_id: task.task_id });
  await make(ann, "PUT", `/messages/${mention}/reactions/${thumb}`);
  await make(ann, "PUT", `/messages/${reply}/pin`);
  const report = await make(cid, "POST", `/messages/${mention}/report`, { reason: "bad" });
  const helper = { name: "helper", model: "small", trigger: "mention" };
  const assistant = await make(ann, "POST", `/conversations/${group}/assistants`, helper);
  const asked = await send(ann, group, { content: "@helper what?" });
  const begun = await beginNext(world);
  await send(bob, group, { content: "@helper more?" });
  await make(bob, "POST", "/messages/erase");
  const stage = await stageOf(world);
  const moment = new Date(Date.now() + 1_000);
  const [one, other] = [await asking(world, () => moment), await asking(world, () => moment)];
  return {
    ...{
      world,
      stage,
      ask: { command: one.ask, other: other.ask },
      ann,
      bob,
      cid,
      eve,
      root,
      project,
      elsewhere,
      task,
    },
    ...{
      group,
      pair,
      direct,
      left,
      talk,
      talkElsewhere: conversationOf(elsewhere),
      first,
      mention,
      reply,
      about,
      report,
      assistant,
      asked,
      begun,
    },
    async [Symbol.asyncDispose]() {
      stage[Symbol.dispose]();
      for (const each of [service, one, other, world]) await each[Symbol.asyncDispose]();
    },
  };
}

/** @see startScene */
export type Scene = Awaited<ReturnType<typeof startScene>>;

/** An emoji in a path. */
export const thumb = encodeURIComponent("👍");

async function beginNext({ db, deps }: World): Promise<Begun> {
  const [asked] = await waitingAnswers(db, 1);
  const begun = asked && (await beginAnswer(deps, asked));
  if (!begun) throw new Error("Nothing was asked.");
  return begun;
}

const served = (world: World, { db, now }: Pick<World["deps"], "db" | "now"> = world.deps) =>
  serve(world, { db, deps: { now, assistants: { settings, stop: () => undefined } } });

/** Sends requests to an app that works on the database of the round, always at the same time. */
async function asking(world: World, now: () => Date) {
  const { db, use } = standIn(world.db);
  const service = await served(world, { db, now });
  const ask =
    (...[person, method, path, body, headers]: Request): Doing =>
    async (round) => {
      use(round);
      const { status, json } = await service.call(person, method, path, body, headers);
      // A refusal may say more of a thing in one place than in another.
      return [status, status < 400 ? json : json["error_code"]];
    };
  return { ask, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

/** An event of another service is applied, as the projector would. */
export const told =
  <N extends EventName>(name: N, data: EventData<N>, by?: Person): Doing =>
  (db) =>
    applyEvent(db, handlers(900), envelope(name, data, { actorid: by?.user_id ?? null }));
