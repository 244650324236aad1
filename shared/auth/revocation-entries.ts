import { storedJson } from "@stoa/db";
import type { Envelope, EventData, EventName } from "@stoa/events";
import type { Override, TokenSubject } from "./revocations.ts";

/** The fields that revocations read. They are so few that identity can apply an event before the journal numbers it. */
export type RevocationEvent = Pick<Envelope, "type" | "time" | "data">;

/** One remembered change. `subject` is `session:…`, `user:…`, `superuser:…`, `roles:…` or `key:…`. */
export interface Entry {
  readonly subject: string;
  /** JSON: `true` when the subject is revoked, `false` when a user is again as before, otherwise the new value. */
  readonly value: string;
  /** When it changed, RFC 3339. */
  readonly changed_at: string;
}

/** The events that revoke or override tokens. */
export const revocationEvents = [
  "session.revoked",
  "user.disabled",
  "user.enabled",
  "user.erased",
  "user.superuser_changed",
  "user.roles_changed",
  "key.revoked",
] as const satisfies readonly EventName[];

type Heard = (typeof revocationEvents)[number];

// A user who is enabled again is remembered as such, because their disabling may be heard of after it.
const effects: { readonly [N in Heard]: (data: EventData<N>, time: string) => readonly Entry[] } = {
  "session.revoked": (data, time) => sessions(data.session_ids, time),
  "user.disabled": (data, time) => [entry(`user:${data.user_id}`, true, time), ...sessions(data.session_ids, time)],
  "user.enabled": (data, time) => [entry(`user:${data.user_id}`, false, time)],
  "user.erased": (data, time) => [entry(`user:${data.user_id}`, true, time), ...sessions(data.session_ids, time)],
  "user.superuser_changed": (data, time) => [entry(`superuser:${data.user_id}`, data.is_superuser, time)],
  "user.roles_changed": (data, time) => [entry(`roles:${data.user_id}`, data.to, time)],
  "key.revoked": (data, time) => [entry(`key:${data.kid}`, true, time)],
};

/** What to remember of an event; nothing for events that revoke nothing. */
export function entriesOf(event: RevocationEvent): readonly Entry[] {
  const name = event.type.split(".").slice(2, -1).join(".");
  if (!Object.hasOwn(effects, name)) return [];
  const effect = effects[name as Heard] as (data: unknown, time: string) => readonly Entry[];
  return effect(event.data, event.time);
}

/** The subjects to look up for a token. */
export function subjectsOf(token: TokenSubject): readonly string[] {
  return [
    `session:${token.session_id}`,
    `user:${token.user_id}`,
    `key:${token.kid}`,
    `superuser:${token.user_id}`,
    `roles:${token.user_id}`,
  ];
}

/** Seconds that clocks may differ, and that a request may take between reading a session and signing its token. */
const LEEWAY_SECONDS = 60;

/** When every token that a change concerns has expired. */
export function forgetAt(changed_at: string, lifetimeSeconds: number): string {
  return new Date(Date.parse(changed_at) + (lifetimeSeconds + LEEWAY_SECONDS) * 1_000).toISOString();
}

/**
 * What the entries say about a token. A revoked session, user or key counts whenever the token was signed. Roles and
 * superuser count only if the token was signed before the change or within the leeway after it. The leeway is needed
 * because `iat` has whole seconds and clocks differ. It does no harm: a token signed that soon after the change says
 * the same as the entry, or there is a newer entry.
 */
export function overrideOf(token: TokenSubject, find: (subject: string) => Entry | undefined): Override | undefined {
  const [session, changedUser, key, superuser, roles] = subjectsOf(token).map(find);
  const user = changedUser && storedJson<boolean>(changedUser.value, "revocations.value");
  const revoked = session ? "session" : user ? "user" : key ? "key" : false;
  const newSuperuser =
    superuser && concerns(superuser, token)
      ? { is_superuser: storedJson<boolean>(superuser.value, "revocations.value") }
      : {};
  const newRoles =
    roles && concerns(roles, token) ? { roles: storedJson<string[]>(roles.value, "revocations.value") } : {};
  if (!revoked && !superuser && !roles) return undefined;
  return { revoked, ...newSuperuser, ...newRoles };
}

function concerns(change: Entry, token: TokenSubject): boolean {
  return token.issued_at <= Date.parse(change.changed_at) / 1_000 + LEEWAY_SECONDS;
}

function sessions(ids: readonly string[], time: string): Entry[] {
  return ids.map((id) => entry(`session:${id}`, true, time));
}

function entry(subject: string, value: unknown, changed_at: string): Entry {
  return { subject, value: JSON.stringify(value), changed_at };
}
