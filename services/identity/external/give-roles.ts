import { parseJson } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { unclaimed } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { createRole } from "../roles/create.ts";
import { roleSet, rolesFit } from "../roles/known.ts";
import { changeRoles } from "../roles/set.ts";
import { readStoredUser, type StoredUser } from "../users/read.ts";
import { setSuperuser } from "../users/set-superuser.ts";

/** Who is named so in `CORPORATE_ROLES` is made a superuser. */
const SUPERUSER = "superuser";

/**
 * Gives a user, at a corporate login, the roles that `CORPORATE_ROLES` names for their role in the directory, and takes away
 * those that it names and the directory does not give them any more. Other roles stay as they are. A role that does not exist yet
 * is created.
 *
 * @returns the user as they are then
 */
export async function giveCorporateRoles(
  deps: Deps,
  cause: Cause,
  user: StoredUser,
  role: string | null,
): Promise<StoredUser> {
  const { roles: rules } = deps.corporate;
  if (rules.length === 0 || user.is_active !== 1) return user;
  const given = new Set(rules.filter((rule) => same(rule.directory, role)).map((rule) => rule.role));
  const managed = new Set(rules.map((rule) => rule.role));
  const theirs = { cause: { ...cause, actor_id: user.id } };
  const names = (present: readonly string[]) => [
    ...present.filter((name) => !managed.has(name)),
    ...[...given].filter((name) => name !== SUPERUSER),
  ];
  const present = parseJson<string[]>(user.roles);
  const wanted = roleSet(names(present));
  if (!rolesFit(wanted)) deps.http.log.warn({ user_id: user.id }, "The roles of the directory do not fit a token.");
  else if (wanted.join("\n") !== present.join("\n")) {
    await changeRoles(deps, theirs, user.id, {
      rolesFor: async (now) => {
        for (const name of wanted) if (given.has(name)) await ensureRole(deps, theirs, name);
        return names(now.roles);
      },
    });
  }
  if (managed.has(SUPERUSER) && given.has(SUPERUSER) !== (user.is_superuser === 1)) {
    await becomesSuperuser(deps, theirs, user.id, given.has(SUPERUSER));
  }
  return readStoredUser(deps.db, user.id);
}

const same = (a: string, b: string | null) => b !== null && a.toLowerCase() === b.trim().toLowerCase();

async function ensureRole(deps: Deps, actor: { readonly cause: Cause }, name: string): Promise<void> {
  try {
    await createRole(deps, actor, { name }, unclaimed);
  } catch (error) {
    // It is there.
    if (!(error instanceof StoaError && error.code === "role_taken")) throw error;
  }
}

/** The last active superuser stays one, whatever the directory says. */
async function becomesSuperuser(deps: Deps, actor: { readonly cause: Cause }, user_id: string, wanted: boolean) {
  try {
    await setSuperuser(deps, actor, user_id, wanted);
  } catch (error) {
    if (!(error instanceof StoaError && error.code === "last_superuser")) throw error;
    deps.http.log.warn(
      { user_id },
      "The last active superuser stays one, although the directory does not say so any more.",
    );
  }
}
