import type { Actor } from "@stoa/auth";
import type { IfMatch } from "@stoa/http/etag";
import { type Claim, retrying, unclaimed } from "@stoa/journal";
import { createConversation as create } from "../conversations/create.ts";
import { type Opened, openDirect as open } from "../conversations/open-direct.ts";
import type { Conversation, NewConversation } from "../conversations/schema.ts";
import type { PeopleDeps } from "../deps.ts";
import type { NewDirectMessage, NewMessage } from "../messages/schema.ts";
import { type Sent, sendMessage as send } from "../messages/send.ts";
import { sendDirect as sendTo } from "../messages/send-direct.ts";
import { putParticipant } from "../participants/put.ts";

/** The creates as their routes call them for requests without an `Idempotency-Key`: decided anew until a try succeeds. */
function withoutKey<T>({ db }: PeopleDeps, create: (claim: Claim) => Promise<T | undefined>): Promise<T> {
  return retrying(db, crypto.randomUUID(), () => create(unclaimed));
}

/** @see createConversation */
export function createConversation(deps: PeopleDeps, actor: Actor, input: NewConversation): Promise<Opened> {
  return withoutKey(deps, (claim) => create(deps, actor, input, claim));
}

/** Makes a group of the user and others. */
export async function createGroup(
  deps: PeopleDeps,
  actor: Actor,
  { title, user_ids }: { readonly title: string | null; readonly user_ids: string[] },
): Promise<Conversation> {
  const input = { type: "group", title, participant_ids: user_ids } as const;
  return (await createConversation(deps, actor, input)).conversation;
}

/** @see openDirect */
export function openDirect(deps: PeopleDeps, actor: Actor, user_id: string): Promise<Opened> {
  return withoutKey(deps, (claim) => open(deps, actor, user_id, claim));
}

/** @see sendMessage */
export function sendMessage(deps: PeopleDeps, actor: Actor, id: string, message: NewMessage): Promise<Sent> {
  return withoutKey(deps, (claim) => send(deps, actor, id, message, claim));
}

/** @see sendDirect */
export function sendDirect(deps: PeopleDeps, actor: Actor, message: NewDirectMessage): Promise<Sent> {
  return withoutKey(deps, (claim) => sendTo(deps, actor, message, claim));
}

/** Adds someone to a group. @see putParticipant */
export function addParticipant(
  deps: PeopleDeps,
  actor: Actor,
  id: string,
  user_id: string,
  match?: IfMatch,
): Promise<Conversation> {
  return putParticipant(deps, actor, id, user_id, {}, match);
}
