import type { Message } from "../messages/schema.ts";
import { group } from "./group.ts";
import { createWorld, type Person } from "./world.ts";

/** A group of Ann and Bob, served, where Ann has sent a message; Eve is not in it. */
export async function talk() {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await createWorld());
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  const { service, conversation } = await group(world, ann, bob);
  stack.use(service);
  const { call } = service;
  const path = `/conversations/${conversation.id}/messages`;
  const send = async (person: Person, content: string, more: object = {}) =>
    (await call<Message & { error_code?: string }>(person, "POST", path, { content, ...more })).json;
  const read = async (person: Person, id: string) => (await call<Message>(person, "GET", `/messages/${id}`)).json;
  const message = await send(ann, "one");
  return {
    world,
    service,
    call,
    conversation,
    path,
    ann,
    bob,
    eve,
    send,
    read,
    message,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
