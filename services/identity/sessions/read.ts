import { prepare, type Select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
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

/** The part of a command that a session has not ended since its token was verified. */
export function sessionLives(id: string) {
  return {
    guard: sql`exists (select 1 from sessions where id = ${id} and ended_at is null)`,
    why: () => new StoaError("session_revoked"),
  } satisfies Part;
}
