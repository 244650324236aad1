import { eventually, silent } from "@stoa/testing";
import { type AssistantsOptions, type RunningAssistants, startAssistants } from "../assistants/answers/start.ts";
import type { Assistant, NewAssistant } from "../assistants/schema.ts";
import type { AssistantSettings } from "../assistants/settings.ts";
import type { Conversation } from "../conversations/schema.ts";
import type { Message } from "../messages/schema.ts";
import { type ChatServer, type Script, startChatServer } from "./chat-server.ts";
import { type Answer, type Service, serve } from "./service.ts";
import { createWorld, type Person, type World } from "./world.ts";

/** A group of ann and bob, where eve is not, with assistants that a server of models answers for. */
export interface Assisted extends AsyncDisposable {
  readonly world: World;
  readonly service: Service;
  readonly chat: ChatServer;
  readonly running: RunningAssistants;
  readonly settings: AssistantSettings;
  readonly ann: Person;
  readonly bob: Person;
  readonly eve: Person;
  readonly conversation_id: string;
  /** The path of the group. */
  readonly path: string;
  /** What was logged. */
  readonly lines: string[];
  add(input?: Partial<NewAssistant>, as?: Person): Promise<Answer<Assistant>>;
  send(content: string, as?: Person): Promise<Answer<Message>>;
  /** The messages of assistants, once there are so many. */
  answers(count: number): Promise<Message[]>;
  /** They, once all have ended. */
  ended(count: number): Promise<Message[]>;
}

/** Starts all of it. */
export async function assisted(
  options: {
    script?: Script;
    settings?: Partial<AssistantSettings>;
    running?: Partial<AssistantsOptions>;
    alone?: boolean;
  } = {},
): Promise<Assisted> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await createWorld());
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  const chat = stack.use(startChatServer(options.script));
  const settings: AssistantSettings = {
    urls: [`${chat.origin}/v1`],
    key: "the-secret-key",
    models: null,
    daily_tokens: 100_000,
    ...options.settings,
  };
  const lines: string[] = [];
  const note = (fields: object, message: string) => void lines.push(Bun.inspect({ ...fields, message }, { depth: 8 }));
  const running = startAssistants({
    db: world.db,
    now: () => new Date(),
    log: { ...silent, warn: note, error: note, info: note },
    storeMs: 5,
    beatMs: 20,
    everyMs: 20,
    ...options.running,
    settings,
  });
  stack.defer(() => running.close());
  const service = stack.use(await serve(world, { deps: { assistants: running } }));
  const made = await service.call<Conversation>(ann, "POST", "/conversations", {
    type: "group",
    title: "G",
    participant_ids: options.alone ? [] : [bob.user_id],
  });
  const conversation_id = made.json.id;
  const path = `/conversations/${conversation_id}`;
  const owned = stack.move();
  const answered = async (count: number, ended: boolean) => {
    const { json } = await service.call<{ items: Message[] }>(ann, "GET", `${path}/messages?limit=100`);
    const people = [ann, bob, eve].map(({ user_id }) => user_id);
    const theirs = json.items.filter(({ sender_id }) => sender_id !== null && !people.includes(sender_id));
    return theirs.length >= count && (!ended || theirs.every(({ status }) => status !== "streaming")) && theirs;
  };
  return {
    world,
    service,
    chat,
    running,
    settings,
    ann,
    bob,
    eve,
    conversation_id,
    path,
    lines,
    add: (input, as = ann) =>
      service.call(as, "POST", `${path}/assistants`, { name: "helper", model: "small", trigger: "mention", ...input }),
    send: (content, as = ann) => service.call(as, "POST", `${path}/messages`, { content }),
    answers: (count) => eventually(() => answered(count, false), { what: `${count} answers` }),
    ended: (count) => eventually(() => answered(count, true), { what: `${count} ended answers` }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
