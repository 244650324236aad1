import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { command, notErased, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";

/**
 * Notes that a user wants all messages to go that they have sent so far; {@link eraseMessages} does it. Asked again before it
 * is done, it begins anew, so that what was sent meanwhile goes too.
 */
export async function requestErasure({ db, now }: StoreDeps, actor: Actor): Promise<void> {
  const { cause, user_id } = actor;
  const time = now().toISOString();
  const requested: Part = {
    effects: (happened) => [
      sql`insert into message_erasures (user_id, requested_at) select ${user_id}, ${time} where ${happened}
        on conflict (user_id) do update set requested_at = excluded.requested_at, done_to = ''`,
    ],
  };
  const event = { type: "erasure.requested", aggregate_id: user_id, time, data: { user_id } } as const;
  await command(db, cause, event, [notErased(actor), requested]);
}
