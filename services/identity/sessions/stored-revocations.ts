import type { Revocations } from "@stoa/auth";
import { computed, type Database, parseJson, raw, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { roleNamesOf } from "../users/read.ts";
import { users } from "../users/table.ts";
import { sessions } from "./table.ts";

const s = alias(sessions, "s");
const u = alias(users, "u");

const columns = {
  live: computed<number>(sql`${s.ended_at} is null`),
  is_active: u.is_active,
  is_superuser: u.is_superuser,
  roles: computed<string>(raw(roleNamesOf("u"))),
};

/**
 * Revocations where identity has no process that tails its journal (Workers): the session, user and key as they are
 * now, one indexed read for each request.
 */
export function storedRevocations(db: Pick<Database, "query">): Revocations {
  return {
    async lookup({ user_id, session_id, kid }) {
      const key_revoked = sql`exists (select 1 from signing_keys k where k.kid = ${kid} and k.status = 'revoked')`;
      const [now] = await db.query(
        select(
          { ...columns, key_revoked: computed<number>(key_revoked) },
          sql`from ${s} join ${u} on ${u.id} = ${s.user_id} where ${s.id} = ${session_id} and ${u.id} = ${user_id}`,
        ),
      );
      if (!now?.live) return { revoked: "session" };
      if (!now.is_active) return { revoked: "user" };
      if (now.key_revoked) return { revoked: "key" };
      return {
        revoked: false,
        is_superuser: now.is_superuser === 1,
        roles: parseJson<string[]>(now.roles),
      };
    },
  };
}
