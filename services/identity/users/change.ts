import { type Sql, sql, updateRows, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { changesOf, type RequestHeaders, refuseReadOnly, requireMatch, valuesOf } from "@stoa/http";
import { append, commit, retrying } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { tellOldAddress } from "../emails/changed-mail.ts";
import { mailTicket } from "../tickets/mail-ticket.ts";
import { normalPatch, type UserPatch } from "./change-own.ts";
import { emailKey } from "./names.ts";
import { readStoredUser, type StoredUser, selectUsers, shapeUser } from "./read.ts";
import type { User } from "./schema.ts";
import { users } from "./table.ts";

const editable = ["full_name", "bio", "username", "email", "email_verified"] as const;

type Values = { readonly [F in (typeof editable)[number]]?: User[F] };

/**
 * Changes another's user: for superusers. A new e-mail is theirs at once, not verified unless that is said too: its
 * mailbox is asked to confirm, the old one is told, and what was mailed there before is of no use any more. What
 * changes nothing writes nothing.
 *
 * @param headers of the request: `If-Match` is heeded
 * @throws StoaError `not_found`, `version_conflict`, `username_taken`, `email_taken`, `validation_failed` for
 *   read-only fields
 */
export function changeUser(
  deps: Deps,
  cause: Cause,
  user_id: string,
  patch: UserPatch,
  headers: RequestHeaders,
): Promise<User> {
  const wanted = normalPatch(patch);
  return retrying(async () => {
    const stored = await readStoredUser(deps.db, user_id);
    const user = shapeUser(stored);
    requireMatch(headers, user);
    refuseReadOnly(user, wanted, editable);
    const values = valuesOf<User, (typeof editable)[number]>(changesOf(user, wanted, editable));
    if (Object.keys(values).length === 0) return user;
    requireAddress(user, values);
    return write(deps, cause, stored, values);
  });
}

function requireAddress(user: User, values: Values): void {
  const refuse = (path: string, message: string) => {
    throw new StoaError("validation_failed", { errors: [{ path, message }] });
  };
  if (values.email === null) refuse("/email", "An e-mail can be replaced, not removed.");
  if (values.email_verified === true && (values.email ?? user.email) === null) {
    refuse("/email_verified", "There is no e-mail to be verified.");
  }
}

/** Undefined when the user changed since they were read. */
async function write(deps: Deps, cause: Cause, stored: StoredUser, values: Values): Promise<User | undefined> {
  const time = deps.now().toISOString();
  const { id: user_id, username, full_name } = { ...stored, ...values };
  const data = { user_id, username, full_name, changed: Object.keys(values) };
  const event = append(
    cause,
    { type: "user.updated", aggregate_id: user_id, time, data },
    sql`exists (select 1 from users where id = ${user_id} and version = ${stored.version})`,
  );
  const set = { ...values, ...addressOf(values), version: stored.version + 1, updated_at: time };
  const update = updateRows(users, set, sql`id = ${user_id} and ${event.happened}`);
  const also = aboutAddress(deps, cause, stored, values, event.happened);
  try {
    const { applied, rows } = await commit(deps.db, event, [update, ...also], selectUsers(sql`users.id = ${user_id}`));
    return applied ? shapeUser(rows[0] as StoredUser) : undefined;
  } catch (error) {
    if (violates(error, "users.username")) throw new StoaError("username_taken", { cause: error });
    if (violates(error, "users.email_key")) throw new StoaError("email_taken", { cause: error });
    throw error;
  }
}

/** The columns that follow from a new e-mail; none without. */
function addressOf({ email, email_verified = false }: Values) {
  if (typeof email !== "string") return {};
  return { email, email_key: emailKey(email), email_verified, pending_email: null };
}

/** What else happens when the e-mail, or whether it is verified, changes. */
function aboutAddress(deps: Deps, cause: Cause, stored: StoredUser, values: Values, happened: Sql): Sql[] {
  const now = deps.now();
  const { id: user_id, username } = { ...stored, ...values };
  const { email, email_verified } = values;
  const about = { aggregate_id: user_id, time: now.toISOString(), data: { user_id } };
  const statements: Sql[] = [];
  if (typeof email === "string") {
    statements.push(
      append(cause, { ...about, type: "user.email_changed" }, happened).statement,
      sql`delete from tickets where user_id = ${user_id} and ${happened}`,
      ...tellOldAddress(stored, about.time, happened),
    );
    if (!email_verified) {
      statements.push(...mailTicket(deps, "email_verification", { user_id, username, email }, now, happened));
    }
  }
  if (email_verified) statements.push(append(cause, { ...about, type: "user.email_verified" }, happened).statement);
  return statements;
}
