import { select, sql, updateRows } from "@stoa/db";
import type { Deps } from "../deps.ts";
import { totpFactors } from "./table.ts";

const AT_ONCE = 200;

/** What became of the second factors. */
export interface Resealed {
  /** Those that this run sealed with the present secret. */
  readonly sealed: number;
  /** No present secret opens them: their users need a recovery code. */
  readonly lost: number;
}

/**
 * Seals with the present `SECRET_KEY` every second factor that the previous one sealed, so that the previous one can be
 * removed. It runs beside requests, page by page, each a short write.
 *
 * @param signal stops it between two pages; the next run starts over and finds less to do
 */
export async function resealSecondFactors(
  { db, secretBox }: Pick<Deps, "db" | "secretBox">,
  signal: AbortSignal,
): Promise<Resealed> {
  let [after, sealed, lost] = ["", 0, 0];
  while (!signal.aborted) {
    const page = sql`from ${totpFactors} where user_id > ${after} order by user_id limit ${AT_ONCE}`;
    const rows = await db.query(select({ user_id: totpFactors.user_id, secret: totpFactors.secret }, page));
    const last = rows.at(-1);
    if (!last) break;
    after = last.user_id;
    const updates = [];
    for (const { user_id, secret } of rows) {
      // One that no secret opens is counted, and does not keep the others from being sealed.
      const opened = await secretBox.open(user_id, secret).catch(() => undefined);
      if (!opened) lost++;
      if (!opened?.stale) continue;
      const set = { secret: await secretBox.seal(user_id, opened.text) };
      // If it was used meanwhile, that has sealed it already, and this update matches nothing.
      updates.push(updateRows(totpFactors, set, sql`user_id = ${user_id} and secret = ${secret}`));
    }
    if (updates.length > 0) await db.write(updates);
    sealed += updates.length;
  }
  return { sealed, lost };
}
