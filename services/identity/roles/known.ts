import { among, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

/** The parts of a command that each of these names is a role; the error names the first that is none. */
export function rolesExist(names: readonly string[]): Part[] {
  return names.map((name, index) => ({
    guard: sql`exists (select 1 from roles where name = ${name})`,
    why: () =>
      new StoaError("unknown_role", {
        errors: [{ path: `/roles/${index}`, message: "There is no role of this name." }],
      }),
  }));
}

/**
 * Bytes that the names of a user's roles may take as JSON. Access tokens carry them in Base64, and no service takes a token of
 * more than 8,192 characters: with more roles a user could log in and be refused everywhere from then on.
 */
const MOST_ROLE_BYTES = 4_096;

/**
 * Refuses more names than fit an access token.
 *
 * @throws StoaError `validation_failed`
 */
export function requireRolesFit(names: readonly string[]): void {
  if (rolesFit(names)) return;
  const bytes = bytesOf(names);
  const message = `The names take ${bytes} bytes together, and at most ${MOST_ROLE_BYTES} fit an access token.`;
  throw new StoaError("validation_failed", { errors: [{ path: "/roles", message }] });
}

/** Whether an access token can carry these names. */
export function rolesFit(names: readonly string[]): boolean {
  return bytesOf(names) <= MOST_ROLE_BYTES;
}

function bytesOf(names: readonly string[]): number {
  return new TextEncoder().encode(JSON.stringify(roleSet(names))).length;
}

/** Gives a user these roles beside those they have: an effect of a command. */
export function giveRoles(user_id: string, names: readonly string[], happened: Sql): Sql {
  return sql`insert into user_roles (user_id, role_id)
    select ${user_id}, id from roles
    where name in ${among(names)} and ${happened}`;
}

/** The names of roles as users and events show them: sorted, none twice. */
export function roleSet(names: readonly string[] = []): string[] {
  return [...new Set(names)].sort();
}
