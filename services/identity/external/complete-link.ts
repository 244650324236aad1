import { newId, sql } from "@stoa/db";
import type { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, type Part } from "@stoa/journal";
import { whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { announceEnded } from "../sessions/end.ts";
import type { StoredUser } from "../users/read.ts";
import { giveCorporateRoles } from "./give-roles.ts";
import type { PendingLink } from "./identity.ts";
import { becomesLinked, linkedEvent } from "./link-user.ts";

/** What a right code brings about. */
interface Linking {
  /** The parts of the command that starts the session: they come before those that write it, and end all others. */
  readonly parts: readonly Part[];
  /** What follows once it has happened. @param session_id the session that was started */
  completed(session_id: string): Promise<void>;
}

/**
 * Links the user together with the start of their session.
 *
 * @param why what to throw when they may not be linked any more
 */
export function linking(deps: Deps, cause: Cause, user: StoredUser, link: PendingLink, why: () => StoaError): Linking {
  const theirs = { ...cause, actor_id: user.id };
  const time = deps.now().toISOString();
  const revoked = { event_id: newId() };
  const said: Part = {
    effects: (happened) => [append(theirs, linkedEvent(link, user.id, time), happened).statement],
  };
  const whose = { ...user, email_key: link.email_key };
  const parts = [said, ...becomesLinked(theirs, link, whose, time, revoked.event_id)];
  return {
    parts: parts.map((part) => ({ ...part, why })),
    async completed(session_id) {
      const ending = { user_id: user.id, reason: "linked", which: sql`id <> ${session_id}` } as const;
      await announceEnded(deps, theirs, ending, await deps.db.query(whatHappened(revoked)));
      await giveCorporateRoles(deps, cause, user, link.role);
    },
  };
}
