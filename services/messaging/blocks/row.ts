import { nullable, type RowOf, type Select, type Sql, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { directory } from "../directory/table.ts";
import type { Block } from "./schema.ts";
import { blocks } from "./table.ts";

/** Blocks, as the columns here and the conditions of lists name them. */
export const b = alias(blocks, "b");
const d = alias(directory, "d");

/** The columns of a block, by the names that they have in its table. */
export const blockColumns = {
  blocked_id: b.blocked_id,
  username: nullable(d.username),
  full_name: nullable(d.full_name),
  created_at: b.created_at,
};

/** Blocks with the names of the blocked: what follows `from`. */
export const namedBlocks: Sql = sql`${b} left join ${d} on ${d.user_id} = ${b.blocked_id}`;

/** One block. */
export function selectBlock(user_id: string, blocked_id: string): Select<RowOf<typeof blockColumns>> {
  return select(
    blockColumns,
    sql`from ${namedBlocks} where ${b.user_id} = ${user_id} and ${b.blocked_id} = ${blocked_id}`,
  );
}

/** A row as it goes over the wire. */
export function shapeBlock({ blocked_id, ...row }: RowOf<typeof blockColumns>): Block {
  return { user_id: blocked_id, ...row };
}
