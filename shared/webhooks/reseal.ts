import { select, sql, updateRows } from "@stoa/db";
import type { DelivererDeps } from "./attempt.ts";
import { webhooks } from "./table.ts";

const AT_ONCE = 100;

/**
 * Seals with the present `SECRET_KEY` every secret that the previous one sealed, so that the previous one can be removed.
 * One that no present key opens stays as it is, and its webhook's deliveries fail.
 *
 * @returns how many were sealed anew
 */
export async function resealSecrets({ db, box }: Pick<DelivererDeps, "db" | "box">): Promise<number> {
  let [after, sealed] = ["", 0];
  for (;;) {
    const page = sql`from ${webhooks} where id > ${after} order by id limit ${AT_ONCE}`;
    const rows = await db.query(select({ id: webhooks.id, secret: webhooks.secret }, page));
    const last = rows.at(-1);
    if (!last) return sealed;
    after = last.id;
    for (const { id, secret } of rows) {
      const opened = await box.open(id, secret).catch(() => undefined);
      if (!opened?.stale) continue;
      const set = { secret: await box.seal(id, opened.text) };
      await db.write([updateRows(webhooks, set, sql`id = ${id} and secret = ${secret}`)]);
      sealed++;
    }
  }
}
