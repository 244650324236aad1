import { among, computed, type Database, raw, select, sql } from "@stoa/db";
import { emailKey } from "@stoa/mail/address-key";
import { directory } from "../directory/table.ts";
import type { Item } from "./items.ts";

/** Users whom items may name. */
export interface People {
  readonly byId: ReadonlySet<string>;
  readonly byUsername: ReadonlyMap<string, string>;
  /** By the address that they have verified. */
  readonly byEmail: ReadonlyMap<string, string>;
}

/** Somebody whom identity has just added, by the names that an item has for them. */
export interface Met {
  readonly user_id: string;
  readonly username?: string | undefined;
  readonly email?: string | undefined;
}

/** The users whom the directory has of those whom items name. */
export async function readPeople(db: Database, items: readonly Item[]): Promise<People> {
  return peopleOf(await db.query(selectPeople(items)), []);
}

/** Whether the directory has all of these users. */
export async function areKnown(db: Database, user_ids: readonly string[]): Promise<boolean> {
  const known = computed<number>(raw("count(*)"));
  const [row] = await db.query(select({ known }, sql`from ${directory} where user_id in ${among(user_ids)}`));
  return row?.known === new Set(user_ids).size;
}

interface Person {
  readonly user_id: string;
  readonly username: string | null;
  readonly email_key: string | null;
}

/** Users by each of their names. @param met people whom the directory may not have yet */
export function peopleOf(persons: readonly Person[], met: readonly Met[]): People {
  const by = (key: string | null | undefined, user_id: string) => (key == null ? [] : [[key, user_id] as const]);
  return {
    byId: new Set(persons.map(({ user_id }) => user_id)),
    // Whom the directory has under a name is who has it.
    byUsername: new Map([
      ...met.flatMap(({ user_id, username }) => by(username?.toLowerCase(), user_id)),
      ...persons.flatMap(({ user_id, username }) => by(username, user_id)),
    ]),
    byEmail: new Map([
      ...met.flatMap(({ user_id, email }) => by(email && emailKey(email), user_id)),
      ...persons.flatMap(({ user_id, email_key }) => by(email_key, user_id)),
    ]),
  };
}

/** Selects the users whom items name. */
export function selectPeople(items: readonly Item[]) {
  const users = items.flatMap(({ kind, given }) => (kind === "user" ? [given] : []));
  const { user_id, username, email_key } = directory;
  return select(
    { user_id, username, email_key },
    sql`from ${directory} where erased_at is null and (user_id in ${among(users.flatMap((one) => one.user_id ?? []))}
      or username in ${among(users.flatMap((one) => one.username?.toLowerCase() ?? []))}
      or email_key in ${among(users.flatMap(({ email }) => (email === undefined ? [] : emailKey(email))))})`,
  );
}

type Named = { readonly [field in "user_id" | "username" | "email"]?: string | undefined };

/** Who a user of the payload is here, as far as the directory knows: those who are named. */
export function peopleNamed({ byId, byUsername, byEmail }: People, { user_id, username, email }: Named): string[] {
  const found = [
    user_id !== undefined && byId.has(user_id) ? user_id : undefined,
    username === undefined ? undefined : byUsername.get(username.toLowerCase()),
    email === undefined ? undefined : byEmail.get(emailKey(email)),
  ];
  return [...new Set(found.filter((id) => id !== undefined))];
}
