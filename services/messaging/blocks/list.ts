import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { b, blockColumns, namedBlocks, shapeBlock } from "./row.ts";
import type { Block } from "./schema.ts";

/** Those whom the user has blocked, latest first. @throws StoaError `invalid_cursor` */
export function listBlocks({ db, cursor_key }: ListDeps, { user_id }: Actor, query: PageQuery): Promise<Page<Block>> {
  const plan = pagePlan(cursor_key, query, {
    name: "blocks",
    filters: { user_id },
    order: [
      { column: b.created_at, direction: "desc" },
      { column: b.blocked_id, direction: "desc" },
    ],
  });
  const where = sql`${b.user_id} = ${user_id}`;
  return readPage(db, plan, { columns: blockColumns, from: namedBlocks, where }, shapeBlock);
}
