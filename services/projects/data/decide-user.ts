import { StoaError } from "@stoa/errors";
import { type Draft, type Outcome, recordOf, remember } from "./draft.ts";
import { peopleNamed } from "./people.ts";
import type { DataUser } from "./schema.ts";

/**
 * Ties a foreign id to the user who it is here. Whoever exists nowhere by now fails; see `meet` for those who are added.
 *
 * @throws StoaError `not_found`, or why identity does not add them; `validation_failed` when it names nobody, or several
 *   people
 */
export function decideUser(draft: Draft, given: DataUser): Outcome {
  const { people } = draft.known;
  const [user_id, other] = peopleNamed(people, given);
  if (given.user_id === undefined && given.username === undefined && given.email === undefined) {
    throw invalid("/user_id", "Send user_id, username or email.");
  }
  if (other !== undefined) {
    const [, differing] = peopleNamed(people, { ...given, email: undefined });
    throw invalid(differing === undefined ? "/email" : "/username", "This is another user than the one named before.");
  }
  if (user_id === undefined)
    throw draft.refused.get(given.external_id) ?? new StoaError("not_found", { detail: "There is no such user." });
  const record = recordOf(draft, "user", given.external_id);
  if (record?.entity_id === user_id) return { id: user_id, outcome: "unchanged" };
  draft.batch.people.add(user_id);
  remember(draft, "user", given.external_id, user_id);
  return { id: user_id, outcome: record ? "updated" : "created" };
}

function invalid(path: string, message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path, message }] });
}
