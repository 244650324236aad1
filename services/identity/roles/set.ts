import type { Actor } from "@stoa/auth";
import { newId, sql } from "@stoa/db";
import { type IfMatch, requireMatch } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import { withoutReason } from "../candidates.ts";
import type { Deps } from "../deps.ts";
import { readUser, unchanged } from "../users/read.ts";
import type { User } from "../users/schema.ts";
import { giveRoles, requireRolesFit, roleSet, rolesExist } from "./known.ts";

/**
 * Gives a user exactly these roles. Tokens that are out follow within a second. The same roles again change nothing.
 *
 * @throws StoaError `not_found`, `unknown_role`, `version_conflict`; `validation_failed` for more than fit a token.
 */
export function setRoles(
  deps: Deps,
  actor: Actor,
  user_id: string,
  names: readonly string[],
  match?: IfMatch,
): Promise<User> {
  requireRolesFit(names);
  return changeRoles(deps, actor, user_id, { rolesFor: () => names, known: rolesExist, match });
}

/**
 * Takes a role from a user who has it.
 *
 * @throws StoaError `not_found`, when there is no such user.
 */
export function takeRole(deps: Deps, actor: Actor, user_id: string, name: string): Promise<User> {
  return changeRoles(deps, actor, user_id, { rolesFor: ({ roles }) => roles.filter((role) => role !== name) });
}

/** How a user's roles follow from those they have. */
interface RoleChange {
  /** It is asked again when something has changed meanwhile. */
  readonly rolesFor: (user: User) => readonly string[] | Promise<readonly string[]>;
  /** The parts that these roles exist. By default without an error: when one has gone meanwhile, it is decided anew. */
  readonly known?: (names: readonly string[]) => readonly Part[];
  readonly match?: IfMatch | undefined;
}

/**
 * Gives a user the roles that follow from those they have.
 *
 * @throws StoaError `not_found`, `version_conflict`, those of `known`.
 */
export function changeRoles(
  deps: Deps,
  actor: Pick<Actor, "cause">,
  user_id: string,
  { rolesFor, known = (names) => rolesExist(names).map(withoutReason), match }: RoleChange,
): Promise<User> {
  const { db, now } = deps;
  return retrying(db, `user ${user_id}`, async () => {
    const user = await readUser(db, user_id);
    requireMatch(match, user);
    const names = await rolesFor(user);
    const [from, to] = [user.roles, roleSet(names)];
    if (from.join("\n") === to.join("\n")) return user;
    const time = now().toISOString();
    const changed: Part = {
      effects: (happened) => [
        sql`delete from user_roles where user_id = ${user_id} and ${happened}`,
        giveRoles(user_id, to, happened),
        sql`update users set version = version + 1, updated_at = ${time} where id = ${user_id} and ${happened}`,
      ],
    };
    const event = {
      event_id: newId(),
      type: "user.roles_changed",
      aggregate_id: user_id,
      time,
      data: { user_id, from, to },
    } as const;
    const parts = [unchanged(user), ...known(names), changed];
    const rows = await command(db, actor.cause, event, parts, whatHappened(event));
    if (!rows) return undefined;
    announce(deps, rows);
    return readUser(db, user_id);
  });
}
