import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { caseless, emailKey } from "@stoa/mail/address-key";
import { isReserved, type NameGiver } from "./reserved.ts";

/** A username as it is kept. */
const username = /^[a-z0-9][a-z0-9._-]{2,49}$/;

/** A username as it is kept: any case goes in, lower comes out. */
export function normalUsername(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/**
 * Usernames to try for an e-mail: what stands before the @ unless it is reserved, then the same with random digits.
 *
 * @example
 * usernamesFor("Ada.Lovelace+stoa@example.com", "anyone") // "ada.lovelace-stoa", "ada.lovelace-stoa-4821", …
 */
export function* usernamesFor(email: string, giver: NameGiver): Generator<string> {
  const local = caseless(email.slice(0, email.lastIndexOf("@"))).normalize("NFKD");
  const plain = local.replace(/\p{M}/gu, "").replace(/[^a-z0-9._-]+/g, "-");
  const base = plain.replace(/^[^a-z0-9]+|[._-]+$/g, "").slice(0, 40);
  if (username.test(base) && !isReserved(base, giver)) yield base;
  for (let tries = 0; tries < 5; tries++) {
    const digits = 1_000 + ((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 9_000);
    yield `${base === "" ? "user" : base}-${digits}`;
  }
}

/**
 * The part of a command that nobody has the username: for superusers, who may hand over one that somebody gave up.
 *
 * @param user_id who may have it already
 */
export function usernameUnused(username: string, user_id?: string) {
  return {
    guard: sql`not exists (select 1 from users where username = ${username} and id is not ${user_id ?? null})`,
    why: () => new StoaError("username_taken"),
  } satisfies Part;
}

/**
 * The part of a command that nobody has the username, nor has given it up of late: whoever knew it would take the next one
 * for the former.
 *
 * @param user_id who may have it, or take it back
 */
export function usernameFree(username: string, now: Date, user_id?: string): ReturnType<typeof usernameUnused> {
  const { guard, why } = usernameUnused(username, user_id);
  const given_up = sql`exists (select 1 from former_usernames where username = ${username}
    and user_id is not ${user_id ?? null} and free_at > ${now.toISOString()})`;
  return { guard: sql`${guard} and not ${given_up}`, why };
}

/** The part of a command that nobody has the e-mail. @param user_id who may have it already */
export function emailUnused(email: string, user_id?: string) {
  return {
    guard: sql`not exists (select 1 from users where email_key = ${emailKey(email)} and id is not ${user_id ?? null})`,
    why: emailTaken,
  } satisfies Part;
}

/**
 * The part of a command that nobody has the e-mail, nor may have it back by undoing a change.
 *
 * @param user_id who may have it
 */
export function emailFree(email: string, now: Date, user_id?: string): ReturnType<typeof emailUnused> {
  const { guard, why } = emailUnused(email, user_id);
  const held = sql`exists (select 1 from tickets where email_key = ${emailKey(email)}
    and user_id is not ${user_id ?? null} and used_at is null and expires_at > ${now.toISOString()})`;
  return { guard: sql`${guard} and not ${held}`, why };
}

/** Why an address is refused that is somebody's. @param cause the constraint that said so */
export function emailTaken(cause?: unknown): StoaError {
  return new StoaError("email_taken", { cause });
}
