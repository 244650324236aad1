import { type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import type { NewEvent } from "@stoa/journal";
import { invitationsLapse, noLongerBackedBy } from "../invitations/lapse.ts";
import { endingIdsJson, endingUpdate } from "../sessions/end.ts";
import { liftThrottle } from "../throttle/lift.ts";
import type { BulkChange } from "./schema.ts";

/** What a superuser does to a user, to one or to many at once. */
export interface UserAction {
  /** The condition, of a row of `users`, that it changes something. */
  readonly changes: Sql;
  event(user_id: string): NewEvent<"user.disabled" | "user.enabled" | "session.revoked">;
  effects(user_id: string, happened: Sql): readonly Sql[];
}

/** Makes an action. @param time of its events */
export const userActions: Readonly<Record<BulkChange["action"], (cause: Cause, time: string) => UserAction>> = {
  disable: (cause, time) => ({
    changes: sql`is_active = 1`,
    event: (user_id) => ({
      type: "user.disabled",
      aggregate_id: user_id,
      time,
      data: { user_id, session_ids: endingIdsJson({ user_id }) },
    }),
    effects: (user_id, happened) => [
      setActive(user_id, 0, time, happened),
      endingUpdate({ user_id, reason: "admin" }, time, happened),
      ...invitationsLapse(cause, noLongerBackedBy(user_id), time).effects(happened),
    ],
  }),
  enable: (_cause, time) => ({
    changes: sql`is_active = 0`,
    event: (user_id) => ({ type: "user.enabled", aggregate_id: user_id, time, data: { user_id } }),
    effects: (user_id, happened) => [setActive(user_id, 1, time, happened), liftThrottle(user_id, happened)],
  }),
  logout: (_cause, time) => ({
    changes: sql`exists (select 1 from sessions where user_id = users.id and ended_at is null)`,
    event: (user_id) => ({
      type: "session.revoked",
      aggregate_id: user_id,
      time,
      data: { user_id, session_ids: endingIdsJson({ user_id }), reason: "admin" },
    }),
    effects: (user_id, happened) => [endingUpdate({ user_id, reason: "admin" }, time, happened)],
  }),
};

function setActive(user_id: string, is_active: 0 | 1, time: string, happened: Sql): Sql {
  return sql`update users set is_active = ${is_active}, version = version + 1, updated_at = ${time}
    where id = ${user_id} and ${happened}`;
}
