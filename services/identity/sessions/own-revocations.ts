import type { Override, Revocations } from "@stoa/auth";
import { type Database, sql } from "@stoa/db";

/**
 * Revocations read from identity's own tables, for its Worker: always exact, one read for each request. What a token
 * says of roles and superuser is replaced by what is so.
 */
export function ownRevocations(db: Pick<Database, "query">): Revocations {
  return {
    async lookup({ user_id, session_id, kid }) {
      const [row] = await db.query<Standing>(sql`select is_superuser, is_active,
          exists (select 1 from sessions where id = ${session_id} and user_id = ${user_id} and ended_at is null) as is_live,
          exists (select 1 from signing_keys where kid = ${kid} and status <> 'revoked') as is_signed,
          (select json_group_array(name) from (select name from roles
            join user_roles on user_roles.role_id = roles.id where user_roles.user_id = ${user_id} order by name)) as roles
        from users where id = ${user_id}`);
      if (!row) return { revoked: "user" };
      return { revoked: revokedBy(row), is_superuser: row.is_superuser === 1, roles: JSON.parse(row.roles) };
    },
  };
}

interface Standing {
  readonly is_active: number;
  readonly is_superuser: number;
  readonly is_live: number;
  readonly is_signed: number;
  readonly roles: string;
}

function revokedBy({ is_active, is_live, is_signed }: Standing): Override["revoked"] {
  if (is_signed === 0) return "key";
  if (is_active === 0) return "user";
  return is_live === 0 ? "session" : false;
}
