import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import { getTableColumns } from "drizzle-orm";
import type { ListDeps } from "../deps.ts";
import { readMessage } from "../messages/read.ts";
import type { EarlierText } from "./schema.ts";
import { messageEdits } from "./table.ts";

const columns = getTableColumns(messageEdits);

/**
 * What a message said before, the latest first. A message that was deleted has no history.
 *
 * @throws StoaError `not_found`, `forbidden`, `invalid_cursor`
 */
export async function listHistory(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  message_id: string,
  query: PageQuery,
): Promise<Page<EarlierText>> {
  await readMessage(db, actor, message_id);
  const plan = pagePlan(cursor_key, query, {
    name: "history of a message",
    filters: { message_id },
    order: [{ column: columns.version, direction: "desc" }],
  });
  const where = sql`${columns.message_id} = ${message_id}`;
  return readPage(db, plan, { columns, from: sql`${messageEdits}`, where }, (row) => row);
}
