import { sql, updateRows } from "@stoa/db";
import type { Deps } from "../deps.ts";
import { type TotpFactorRow, totpFactors } from "./table.ts";

const AT_ONCE = 200;

/** What became of the second factors. */
export interface Resealed {
  /** Sealed with the present secret now; the others were already. */
  readonly sealed: number;
  /** Opened by no secret there is: their users need a recovery code. */
  readonly lost: number;
}

/**
 * Seals every second factor with the present `SECRET_KEY` that the previous one sealed, so that the previous one may
 * go. Beside requests: in pages, each a short write.
 *
 * @param signal stops it between two pages; another time begins anew and finds less to do
 */
export async function resealSecondFactors(
  { db, secretBox }: Pick<Deps, "db" | "secretBox">,
  signal: AbortSignal,
): Promise<Resealed> {
  let [after, sealed, lost] = ["", 0, 0];
  while (!signal.aborted) {
    const rows = await db.query<Pick<TotpFactorRow, "user_id" | "secret">>(
      sql`select user_id, secret from totp_factors where user_id > ${after} order by user_id limit ${AT_ONCE}`,
    );
    const last = rows.at(-1);
    if (!last) break;
    after = last.user_id;
    const updates = [];
    for (const { user_id, secret } of rows) {
      // One that no secret opens is counted and told; the others must not wait for it.
      const opened = await secretBox.open(user_id, secret).catch(() => undefined);
      if (!opened) lost++;
      if (!opened?.stale) continue;
      const set = { secret: await secretBox.seal(user_id, opened.text) };
      // Used meanwhile, it was sealed anew by that.
      updates.push(updateRows(totpFactors, set, sql`user_id = ${user_id} and secret = ${secret}`));
    }
    if (updates.length > 0) await db.write(updates);
    sealed += updates.length;
  }
  return { sealed, lost };
}
