import { pickColumns, type RowOf, type Select, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { Assistant } from "./schema.ts";
import { assistants } from "./table.ts";

/** Assistants, as conditions name them. */
export const a = alias(assistants, "a");

/** The columns that an assistant is made from: all that is shown. */
export const assistantColumns = pickColumns(a, Assistant.properties);

/** An assistant as it is read, and as it goes over the wire. */
export type AssistantRow = RowOf<typeof assistantColumns>;

/** One assistant of a conversation. */
export function selectAssistant(conversation_id: string, id: string): Select<AssistantRow> {
  return select(assistantColumns, sql`from ${a} where ${a.id} = ${id} and ${a.conversation_id} = ${conversation_id}`);
}
