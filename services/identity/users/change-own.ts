import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type IfMatch, requireMatch } from "@stoa/http/etag";
import { changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { append, command, type NewEvent, type Part, retrying } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { undoMail } from "../emails/undo-mail.ts";
import { requireStepUp, stillProven } from "../sessions/step-up.ts";
import { mailTicket, mayMail } from "../tickets/mail-ticket.ts";
import { withdrawnChange } from "../tickets/ticket.ts";
import { renamed } from "./former-names.ts";
import { nameKeyOf } from "./name-key.ts";
import { emailFree } from "./names.ts";
import { readUser, selectUser, shapeUser, unchanged, userExists } from "./read.ts";
import { refuseReserved } from "./reserved.ts";
import { normalPatch, type OwnUserPatch, profileFields, type User } from "./schema.ts";
import { users } from "./table.ts";

type Values = { readonly [F in (typeof profileFields)[number]]?: User[F] };

/**
 * Changes the user's own name, bio or username; a new e-mail becomes `pending_email`, and a ticket is mailed to it; null, or the
 * present address, takes it back. What changes nothing writes nothing.
 *
 * @throws StoaError `not_found`, `version_conflict`, `username_taken`, `email_taken`, `step_up_required` and
 *   `rate_limited` for a new e-mail, `validation_failed` for read-only fields and a reserved username.
 */
export function changeOwnUser(deps: Deps, actor: Actor, patch: OwnUserPatch, match?: IfMatch): Promise<User> {
  const wanted = normalPatch(patch);
  return retrying(deps.db, `user ${actor.user_id}`, async () => {
    const user = await readUser(deps.db, actor.user_id);
    requireMatch(match, user);
    refuseReadOnly(user, wanted, [
      ...profileFields,
      "email",
      ...(wanted.pending_email === null ? ["pending_email"] : []),
    ]);
    const values = valuesOf<User, keyof Values>(changesOf(user, wanted, profileFields));
    const pending_email = newEmail(user, wanted);
    refuseReserved(values.username, "anyone");
    if (Object.keys(values).length === 0 && pending_email === undefined) return user;
    if (typeof pending_email === "string") await requireStepUp(deps, actor);
    return write(deps, actor, user, values, pending_email);
  });
}

async function write(
  deps: Deps,
  actor: Actor,
  user: User,
  values: Values,
  pending_email: string | null | undefined,
): Promise<User | undefined> {
  const { cause } = actor;
  const now = deps.now();
  const time = now.toISOString();
  const { id: user_id, username, full_name } = { ...user, ...values };
  const about = { aggregate_id: user_id, time };
  const events: NewEvent<"user.updated" | "user.email_change_requested" | "user.email_change_withdrawn">[] = [];
  if (Object.keys(values).length > 0)
    events.push({ ...about, type: "user.updated", data: { user_id, username, full_name } });
  if (pending_email !== undefined) {
    const type = pending_email === null ? "user.email_change_withdrawn" : "user.email_change_requested";
    events.push({ ...about, type, data: { user_id } });
  }
  const [event, ...others] = events;
  if (!event) return user;
  const asked = typeof pending_email === "string" ? pending_email : undefined;
  const addressee = asked === undefined ? undefined : { user_id, username, email: asked, session_id: actor.session_id };
  const changed: Part = {
    effects: (happened) => [
      ...others.map((other) => append(cause, other, happened).statement),
      ...(addressee
        ? [
            ...mailTicket(deps, "email_change", addressee, now, happened),
            ...undoMail(deps, user, addressee.email, now, happened),
          ]
        : []),
      ...(pending_email === null ? withdrawnChange(user_id, happened) : []),
      updateRows(
        users,
        {
          ...values,
          ...nameKeyOf(values),
          ...(pending_email !== undefined && { pending_email }),
          version: sql`version + 1`,
          updated_at: time,
        },
        sql`id = ${user_id} and ${happened}`,
      ),
    ],
  };
  const rows = await command(
    deps.db,
    cause,
    event,
    [
      userExists(user_id),
      ...(asked === undefined ? [] : stillProven(deps, actor)),
      ...(values.username === undefined ? [] : renamed(user, values.username, now)),
      // The address is asked for again when it is confirmed: until then someone else may take it.
      ...(asked === undefined ? [] : [emailFree(asked, now, user_id), mailable(user_id, now)]),
      unchanged(user),
      changed,
    ],
    selectUser(user_id),
  );
  return rows?.[0] && shapeUser(rows[0]);
}

/**
 * The e-mail that is asked for, if it is another than the present one and the one that waits already. Null: the one that waits is
 * taken back, which `pending_email: null` says, or the present address without a word of the other. A user as they were fetched
 * changes nothing.
 */
function newEmail(user: User, { email: wanted, pending_email }: Pick<OwnUserPatch, "email" | "pending_email">) {
  const kept = pending_email === undefined ? wanted === undefined || wanted !== user.email : pending_email !== null;
  if (wanted === undefined || wanted === user.email) return kept || user.pending_email === null ? undefined : null;
  if (wanted !== null) return wanted === user.pending_email ? undefined : wanted;
  const message = "An e-mail can be replaced, not removed.";
  throw new StoaError("validation_failed", { errors: [{ path: "/email", message }] });
}

/** One user does not have mails sent to every address in the world. */
function mailable(user_id: string, now: Date): Part {
  return {
    guard: mayMail("email_change", user_id, now),
    why: () => {
      const detail = "Too many new addresses in an hour; try again after the time in Retry-After.";
      return new StoaError("rate_limited", { detail, headers: { "retry-after": "3600" } });
    },
  };
}
