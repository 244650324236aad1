import { newId, type Sql, sql, storedJson, updateRows } from "@stoa/db";
import type { Cause, SessionEndReason } from "@stoa/events";
import { append, command, type NewEvent, type Part } from "@stoa/journal";
import { announce, type Happened, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { sessions } from "./table.ts";

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
  const ended = { ended_at: time, end_reason: ending.reason };
  return updateRows(sessions, ended, sql`id in (${endingIds(ending)}) and ${happened}`);
}

/**
 * The part of a command that also ends sessions, if there are any. They have an event of their own; when it was
 * appended, `whatHappened({ event_id })` selects it.
 */
export function endsSessions(cause: Cause, ending: Ending, time: string, event_id: string): Part {
  return {
    effects: (happened) => {
      const revoked = append(cause, revokedEvent(ending, time, event_id), sql`${areThere(ending)} and ${happened}`);
      return [revoked.statement, endingUpdate(ending, time, revoked.happened)];
    },
  };
}

/**
 * Ends sessions of a user: one event with all their ids, and this process refuses their tokens from now on.
 *
 * @param parts what must hold besides
 * @returns whether there was one to end
 */
export async function endSessions(
  deps: Pick<Deps, "db" | "now" | "revoke">,
  cause: Cause,
  ending: Ending,
  parts: readonly Part[] = [],
): Promise<boolean> {
  for (let ended = false; ; ended = true) {
    const time = deps.now().toISOString();
    const event = revokedEvent(ending, time, newId());
    const end: Part = {
      guard: areThere(ending),
      effects: (happened) => [endingUpdate(ending, time, happened)],
    };
    const rows = await command(deps.db, cause, event, [...parts, end], whatHappened(event));
    if (!rows) return ended;
    announce(deps, rows);
    if (!rows.some(isFull)) return true;
  }
}

/**
 * Tells this process's revocation set what a command with the part {@link endsSessions} has done, and ends the sessions that
 * did not fit its event. One that began after the command is none of them.
 *
 * @param rows `whatHappened` of its events
 */
export async function announceEnded(
  deps: Pick<Deps, "db" | "now" | "revoke">,
  cause: Cause,
  ending: Ending,
  rows: readonly Happened[],
): Promise<void> {
  announce(deps, rows);
  if (rows.some(isFull)) await endSessions(deps, cause, ending);
}

/** Whether an event names as many sessions as one may: there may be more. */
export function isFull({ type, time, data }: Happened): boolean {
  const { session_ids } = storedJson<{ session_ids?: string[] }>(data, `journal.data of identity, ${type} at`, time);
  return session_ids !== undefined && session_ids.length >= AT_ONCE;
}

function areThere(ending: Ending): Sql {
  return sql`exists (${endingIds(ending)})`;
}

function revokedEvent(ending: Ending, time: string, event_id: string) {
  const { user_id, reason } = ending;
  return {
    event_id,
    type: "session.revoked",
    aggregate_id: user_id,
    time,
    data: { user_id, session_ids: endingIdsJson(ending), reason },
  } as const satisfies NewEvent<"session.revoked">;
}
