import { prepare, type Select } from "@stoa/db";
import { eq, placeholder } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { type SessionRow, sessions } from "./table.ts";

const sessionById = prepare(
  new QueryBuilder()
    .select()
    .from(sessions)
    .where(eq(sessions.id, placeholder("id"))),
);

/** Selects one session, ended or not. */
export function selectSession(id: string): Select<SessionRow> {
  return sessionById({ id });
}
