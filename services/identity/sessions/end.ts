import { type Sql, sql } from "@stoa/db";
import type { Cause, SessionEndReason } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";

/** Which sessions of a user to end, and why. */
export interface Ending {
  readonly user_id: string;
  readonly reason: SessionEndReason;
  /** Narrows them down; all live ones unless given. */
  readonly which?: Sql;
}

/** Ids in one event: its data may be 256 KiB. */
const AT_ONCE = 1_000;

/** The live sessions of an ending, at most a thousand. */
function endingIds({ user_id, which }: Pick<Ending, "user_id" | "which">): Sql {
  return sql`select id from sessions where user_id = ${user_id} and ended_at is null
    and ${which ?? sql`1`} order by id limit ${AT_ONCE}`;
}

/** Their ids as a JSON array, read in the batch itself: for the data of the event that ends them. */
export function endingIdsJson(ending: Pick<Ending, "user_id" | "which">): Sql {
  return sql`json((select json_group_array(id) from (${endingIds(ending)})))`;
}

/** Ends them, if the event happened. */
export function endingUpdate(ending: Ending, time: string, happened: Sql): Sql {
  return sql`update sessions set ended_at = ${time}, end_reason = ${ending.reason}
    where id in (${endingIds(ending)}) and ${happened}`;
}

/** The event that says which sessions of a user end, if there are any. */
export function sessionsRevoked(cause: Cause, ending: Ending, time: string, when: Sql = sql`1`) {
  return append(
    cause,
    {
      type: "session.revoked",
      aggregate_id: ending.user_id,
      time,
      data: { user_id: ending.user_id, session_ids: endingIdsJson(ending), reason: ending.reason },
    },
    sql`exists (${endingIds(ending)}) and ${when}`,
  );
}

/**
 * Ends sessions of a user: one event with all the ids, and this process refuses their tokens from now on.
 *
 * @returns whether there was one to end
 */
export async function endSessions(deps: Pick<Deps, "db" | "now" | "revoke">, cause: Cause, ending: Ending) {
  let ended = false;
  for (;;) {
    const time = deps.now().toISOString();
    const event = sessionsRevoked(cause, ending, time);
    const update = endingUpdate(ending, time, event.happened);
    const { applied, rows } = await commit(deps.db, event, [update], whatHappened(event));
    if (!applied) return ended;
    announce(deps, rows);
    ended = true;
  }
}
