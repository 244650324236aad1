import { sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan } from "@stoa/http";
import type { Deps } from "../deps.ts";
import type { Key } from "./schema.ts";

/** All that is said of a key. */
export const shown = sql`kid, alg, status, created_at, activated_at, expires_at`;

/** The signing keys, newest first. */
export async function listKeys(deps: Pick<Deps, "db" | "cursor_key">, page: PageQuery): Promise<Page<Key>> {
  const plan = pagePlan(deps.cursor_key, page, {
    name: "keys",
    order: [
      { column: "created_at", direction: "desc" },
      { column: "kid", direction: "desc" },
    ],
  });
  const [rows = [], [total] = []] = await deps.db.queryAll([
    sql`select ${shown} from signing_keys where ${plan.where} order by ${plan.order} limit ${plan.limit}`,
    ...(plan.count ? [sql`select count(*) as total from signing_keys`] : []),
  ]);
  return plan.finish(rows as unknown[] as Key[], total?.["total"] as number | undefined);
}

/** One key, which is there. */
export async function readKey({ db }: Pick<Deps, "db">, kid: string): Promise<Key> {
  const [key] = await db.query<Key>(sql`select ${shown} from signing_keys where kid = ${kid}`);
  if (!key) throw new Error("The key is gone.");
  return key;
}
