import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { sameJson } from "@stoa/http/canonical-json";
import { command, notErased, type Part, retrying } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { kinds } from "../notifications/kinds.ts";
import { defaultChannel } from "./channel.ts";
import { readChosen, shapePreferences } from "./read.ts";
import type { Preferences, PreferencesPatch, QuietHours } from "./schema.ts";

/**
 * Changes how the user is notified. What changes nothing writes nothing. Mails that wait for a kind that is not mailed any
 * more are not sent.
 *
 * @throws StoaError `validation_failed` for quiet hours of which a field is missing, or that are the whole day
 */
export function changePreferences({ db, now }: StoreDeps, actor: Actor, patch: PreferencesPatch): Promise<Preferences> {
  const { user_id, cause } = actor;
  return retrying(db, `preferences ${user_id}`, async () => {
    const stored = await readChosen(db, user_id);
    const present = shapePreferences(stored);
    const wanted = merged(present, patch);
    if (sameJson(present, wanted)) return present;
    const { quiet_hours } = wanted;
    const chosen = JSON.stringify(wanted.kinds);
    const mailed = kinds.filter((kind) => wanted.kinds[kind] === "email");
    const same = stored
      ? sql`exists (select 1 from notification_preferences where user_id = ${user_id} and kinds = ${stored.kinds}
          and quiet_from is ${stored.quiet_from} and quiet_to is ${stored.quiet_to} and quiet_tz is ${stored.quiet_tz})`
      : sql`not exists (select 1 from notification_preferences where user_id = ${user_id})`;
    const changed: Part = {
      guard: same,
      effects: (happened) => [
        sql`insert into notification_preferences (user_id, kinds, quiet_from, quiet_to, quiet_tz)
          select ${user_id}, ${chosen}, ${quiet_hours?.from ?? null}, ${quiet_hours?.to ?? null}, ${quiet_hours?.tz ?? null}
          where ${happened}
          on conflict (user_id) do update set kinds = excluded.kinds, quiet_from = excluded.quiet_from,
            quiet_to = excluded.quiet_to, quiet_tz = excluded.quiet_tz`,
        sql`update notifications set mail_at = null where user_id = ${user_id} and mail_at is not null
          and kind not in (select value from json_each(${JSON.stringify(mailed)})) and ${happened}`,
      ],
    };
    const time = now().toISOString();
    const event = { type: "notification.preferences_changed", aggregate_id: user_id, time, data: { user_id } } as const;
    return (await command(db, cause, event, [notErased(actor), changed])) && wanted;
  });
}

function merged({ kinds: present, quiet_hours }: Preferences, patch: PreferencesPatch): Preferences {
  const channels = kinds.map((kind) => {
    const wanted = patch.kinds?.[kind];
    return [kind, wanted === null ? defaultChannel : (wanted ?? present[kind])];
  });
  return {
    kinds: Object.fromEntries(channels) as Preferences["kinds"],
    quiet_hours: patch.quiet_hours === undefined ? quiet_hours : quietHours(quiet_hours, patch.quiet_hours),
  };
}

function quietHours(present: QuietHours | null, patch: PreferencesPatch["quiet_hours"]): QuietHours | null {
  if (!patch) return null;
  const { from, to, tz } = { ...present, ...patch };
  const missing = Object.entries({ from, to, tz }).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (from === undefined || to === undefined || tz === undefined) {
    const message = "Quiet hours have from, to and tz.";
    throw new StoaError("validation_failed", {
      errors: missing.map((name) => ({ path: `/quiet_hours/${name}`, message })),
    });
  }
  if (from === to) {
    const message = "Quiet hours end at another time than they begin.";
    throw new StoaError("validation_failed", { errors: [{ path: "/quiet_hours/to", message }] });
  }
  return { from, to, tz };
}
