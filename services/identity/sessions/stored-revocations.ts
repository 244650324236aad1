import type { Revocations } from "@stoa/auth";
import { type Database, sql } from "@stoa/db";

interface Standing {
  readonly live: number;
  readonly is_active: number;
  readonly is_superuser: number;
  readonly roles: string;
  readonly key_revoked: number;
}

/**
 * Revocations where identity has no process that tails its journal (Workers): how session, user and key stand now, one
 * indexed read for each request.
 */
export function storedRevocations(db: Pick<Database, "query">): Revocations {
  return {
    async lookup({ user_id, session_id, kid }) {
      const [standing] = await db.query<Standing>(sql`
        select s.ended_at is null as live, u.is_active, u.is_superuser,
          (select json_group_array(r.name) from user_roles ur join roles r on r.id = ur.role_id
            where ur.user_id = u.id) as roles,
          exists (select 1 from signing_keys k where k.kid = ${kid} and k.status = 'revoked') as key_revoked
        from sessions s join users u on u.id = s.user_id where s.id = ${session_id} and u.id = ${user_id}`);
      if (!standing?.live) return { revoked: "session" };
      if (!standing.is_active) return { revoked: "user" };
      if (standing.key_revoked) return { revoked: "key" };
      return { revoked: false, is_superuser: standing.is_superuser === 1, roles: JSON.parse(standing.roles) };
    },
  };
}
