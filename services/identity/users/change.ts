import type { Actor } from "@stoa/auth";
import { newId, type Sql, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { type IfMatch, requireMatch } from "@stoa/http/etag";
import { changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { append, command, type Part, retrying } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { tellOldAddress } from "../emails/changed-mail.ts";
import { announceEnded, type Ending, endsSessions } from "../sessions/end.ts";
import { mailTicket } from "../tickets/mail-ticket.ts";
import { givenUp } from "./former-names.ts";
import { nameKeyOf } from "./name-key.ts";
import { emailFree, usernameUnused } from "./names.ts";
import { readStoredUser, type StoredUser, selectUser, shapeUser, unchanged, userExists } from "./read.ts";
import { refuseReserved } from "./reserved.ts";
import { normalPatch, type User, type UserPatch, userFields } from "./schema.ts";
import { users } from "./table.ts";

type Values = { readonly [F in (typeof userFields)[number]]?: User[F] };

/**
 * Changes another's user: for superusers. A new e-mail is theirs at once, not verified unless that is sent too: its
 * mailbox is asked to confirm, the old one is told, what was mailed there before becomes worthless, and their sessions end.
 * What changes nothing writes nothing.
 *
 * @throws StoaError `not_found`, `version_conflict`, `username_taken`, `email_taken`, `validation_failed` for
 *   read-only fields and a reserved username.
 */
export function changeUser(
  deps: Deps,
  actor: Actor,
  user_id: string,
  patch: UserPatch,
  match?: IfMatch,
): Promise<User> {
  const wanted = normalPatch(patch);
  return retrying(deps.db, `user ${user_id}`, async () => {
    const stored = await readStoredUser(deps.db, user_id);
    const user = shapeUser(stored);
    requireMatch(match, user);
    refuseReadOnly(user, wanted, userFields);
    const changes = valuesOf<User, (typeof userFields)[number]>(changesOf(user, wanted, userFields));
    const values = { ...changes, ...aboutNewAddress(changes, wanted) };
    if (Object.keys(values).length === 0) return user;
    requireAddress(user, values);
    refuseReserved(values.username, "trusted");
    return write(deps, actor, stored, values);
  });
}

/** Whether a new address is verified is said of that address, so it counts even if the same was true of the one before. */
function aboutNewAddress({ email }: Values, { email_verified }: Pick<UserPatch, "email_verified">): Values {
  return email === undefined || email_verified === undefined ? {} : { email_verified };
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

async function write(deps: Deps, actor: Actor, stored: StoredUser, values: Values): Promise<User | undefined> {
  const { cause } = actor;
  const now = deps.now();
  const time = now.toISOString();
  const ending = endingOf(actor, stored.id, values);
  const revoked = { event_id: newId() };
  const { id: user_id, username, full_name } = { ...stored, ...values };
  const changed: Part = {
    effects: (happened) => [
      updateRows(
        users,
        { ...values, ...nameKeyOf(values), ...addressOf(values), version: sql`version + 1`, updated_at: time },
        sql`id = ${user_id} and ${happened}`,
      ),
      ...aboutAddress(deps, cause, stored, values, happened),
    ],
  };
  const rows = await command(
    deps.db,
    cause,
    {
      type: "user.updated",
      aggregate_id: user_id,
      time,
      data: { user_id, username, full_name, changed: Object.keys(values) },
    },
    [
      userExists(user_id),
      ...(values.username === undefined
        ? []
        : [usernameUnused(values.username, user_id), givenUp(stored, values.username, now)]),
      ...(typeof values.email === "string" ? [emailFree(values.email, now, user_id)] : []),
      unchanged(stored),
      changed,
      ...(ending ? [endsSessions(cause, ending, time, revoked.event_id)] : []),
    ],
    selectUser(user_id),
  );
  if (!rows?.[0]) return undefined;
  if (ending) await announceEnded(deps, cause, ending, await deps.db.query(whatHappened(revoked)));
  return shapeUser(rows[0]);
}

/** A new address ends every session of its user, except that of a superuser who changes their own. */
function endingOf({ session_id }: Actor, user_id: string, { email }: Values): Ending | null {
  if (typeof email !== "string") return null;
  return { user_id, reason: "email_changed", which: sql`id <> ${session_id}` };
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
  const verified = email_verified ? (email ?? stored.email) : null;
  const about = { aggregate_id: user_id, time: now.toISOString(), data: { user_id, email: verified } };
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
