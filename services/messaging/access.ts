import type { Actor } from "@stoa/auth";
import { listed, type Select, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { notErased, type Part } from "@stoa/journal";
import { accessColumns, type ConversationAccess, conversationAsUser } from "./conversations/row.ts";
import type { Message } from "./messages/schema.ts";

/**
 * What a user may do in a conversation, by their role there. Every right of this service is one of these: `requireAccess`
 * checks it on what was read, `access` guards a command with it.
 *
 * Superusers take care of groups as their owners do: they see who is in one and what it is called, and change both. What
 * is said there they read only once they are in it, for all to see; direct conversations are closed to them.
 */
export type Permission = keyof typeof holders;

const holders = {
  /** See the conversation: its title and its participants. */
  read: { roles: ["owner", "member"], superusersIn: ["group", "project"] },
  /** Read and send messages in it, mute it, leave it. */
  participate: { roles: ["owner", "member"], superusersIn: [] },
  /** Change its title and its participants. */
  manage: { roles: ["owner"], superusersIn: ["group"] },
} as const satisfies Record<string, Holders>;

interface Holders {
  readonly roles: readonly ConversationAccess["role"][];
  readonly superusersIn: readonly ConversationAccess["type"][];
}

/**
 * @param found the conversation as it was read for the user; undefined when there is none, or it is in the trash
 * @throws StoaError `not_found`, `forbidden`
 */
export function requireAccess<A extends ConversationAccess>(
  actor: Pick<Actor, "is_superuser">,
  found: A | undefined,
  permission: Permission,
): asserts found is A {
  if (!found) throw noSuchConversation();
  const { roles, superusersIn }: Holders = holders[permission];
  const asSuperuser = actor.is_superuser && superusersIn.includes(found.type);
  if (!asSuperuser && !roles.includes(found.role)) throw forbidden(permission);
}

/** A message is its sender's to change; the system's are nobody's. @throws StoaError `forbidden` */
export function requireSender({ user_id }: Actor, { sender_id }: Pick<Message, "sender_id">): void {
  if (sender_id === user_id) return;
  throw new StoaError("forbidden", { detail: "Only its sender can change or delete a message." });
}

/** The participants and the title of a project's conversation follow its project. @throws StoaError `managed_by_project` */
export function requireUnmanaged({ type }: Pick<ConversationAccess, "type">): void {
  if (type === "project") throw new StoaError("managed_by_project");
}

/**
 * The parts of a command that its conversation is there, and that its user still has the permission in it. An erased user
 * keeps their place as a former member, so that they were not erased is a part of its own.
 */
export function access(
  actor: Actor,
  permission: Permission,
  conversation_id: string,
): readonly (Part & { readonly guard: Sql })[] {
  return [
    notErased(actor),
    { guard: isLive(conversation_id), why: noSuchConversation },
    { guard: holds(actor, permission, conversation_id), why: () => forbidden(permission) },
  ];
}

/** What `requireAccess` checks, for reads that show no conversation. */
export function selectAccess({ user_id }: Pick<Actor, "user_id">, conversation_id: string): Select<ConversationAccess> {
  return select(accessColumns, sql`from ${conversationAsUser(user_id, conversation_id)}`);
}

/** The condition that a user has the permission in a conversation. */
function holds(actor: Actor, permission: Permission, conversation_id: string): Sql {
  const { roles, superusersIn }: Holders = holders[permission];
  const asParticipant = sql`exists (select 1 from participants where conversation_id = ${conversation_id}
    and user_id = ${actor.user_id} and left_at is null and role in ${listed(roles)})`;
  if (!actor.is_superuser || superusersIn.length === 0) return asParticipant;
  return sql`(${asParticipant} or exists (select 1 from conversations where id = ${conversation_id}
    and type in ${listed(superusersIn)}))`;
}

/** The condition that a conversation exists and is not in the trash. */
function isLive(conversation_id: string): Sql {
  return sql`exists (select 1 from conversations where id = ${conversation_id} and trashed_at is null)`;
}

function noSuchConversation(): StoaError {
  return new StoaError("not_found", { detail: "There is no such conversation." });
}

function forbidden(permission: Permission): StoaError {
  const detail =
    permission === "manage"
      ? "Only the owner of a group can change its title and its participants."
      : "You do not take part in this conversation.";
  return new StoaError("forbidden", { detail });
}
