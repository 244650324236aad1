import { pickColumns, sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import type { Deps } from "../deps.ts";
import { Key } from "./schema.ts";
import { type SigningKeyRow, signingKeys } from "./table.ts";

/** The signing keys, newest first. */
export async function listKeys(
  { db, cursor_key }: Pick<Deps, "db" | "cursor_key">,
  page: PageQuery,
): Promise<Page<Key>> {
  const plan = pagePlan(cursor_key, page, {
    name: "keys",
    order: [
      { column: signingKeys.created_at, direction: "desc" },
      { column: signingKeys.kid, direction: "desc" },
    ],
  });
  const columns = pickColumns(signingKeys, Key.properties);
  return readPage(db, plan, { columns, from: sql`${signingKeys}`, where: sql`1` }, (key) => key);
}

/** A key as superusers see it: without the key itself. */
export function shapeKey({ public_jwk: _, private_key: __, ...key }: SigningKeyRow): Key {
  return key;
}
