import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { retrying } from "@stoa/journal";
import { caseless } from "@stoa/mail/address-key";
import type { Deps } from "../deps.ts";
import { finishLogin } from "../sessions/finish-login.ts";
import { type AdmittedLogin, loginAttempt } from "../throttle/login-attempt.ts";
import type { CorporateDirectory, CorporateIdentity } from "./corporate-directory.ts";
import { findUser, isUserOf } from "./find-user.ts";
import { giveCorporateRoles } from "./give-roles.ts";
import type { ExternalPerson } from "./identity.ts";
import { mayBecomeLinked } from "./link-user.ts";
import type { ExternalLogin, ExternalTokens } from "./schema.ts";

/**
 * Starts a session for a person whom the corporate directory knows. Failures are counted like those of our own
 * passwords, so that nobody guesses corporate ones here.
 *
 * @throws StoaError `not_configured`, `login_throttled`, `invalid_account_id`, `invalid_credentials`,
 *   `directory_unavailable`; only after a right password `account_disabled` and `mfa_required`
 */
export async function logInExternally(deps: Deps, cause: Cause, input: ExternalLogin): Promise<ExternalTokens> {
  const { directory, db } = deps;
  if (!directory) throw new StoaError("not_configured");
  const { origin } = directory;
  const account_id = JSON.stringify(input.account_id);
  // Folded, since a directory may accept several spellings of one name: none has tries of its own.
  const name = JSON.stringify([origin, `${input.account_id}`, input.username].map(folded));
  const user = sql`select user_id from external_identities where origin = ${origin} and account_id = ${account_id}
    and username_key = ${caseless(input.username)} limit 1`;
  return retrying(db, `external login ${name}`, async () => {
    const attempt = loginAttempt(deps, cause, { kind: "external", name, user });
    const [blocks] = await db.query(attempt.blocks);
    const admitted = attempt.admit(blocks);
    const who = await authenticate(directory, input, admitted);
    const { guid, ace_user_id, username, verified_email, role = null } = who;
    const there = { origin, guid, account_id, username: input.username };
    const now = await userNow(deps, cause, { ...there, name: username, verified_email }, role);
    if (!now) return undefined;
    const { user: found, waits } = now;
    const parts = [waits ? mayBecomeLinked(there, found) : isUserOf(there, found.id)];
    const link = waits ? { ...there, email_key: found.email_key, role } : null;
    const tokens = await finishLogin(deps, cause, found, { method: "external", admitted, parts, link });
    return (
      tokens && {
        ...tokens,
        guid,
        user_id: found.id,
        ace_user_id,
        username: found.username,
        account_id: input.account_id,
      }
    );
  });
}

/** The person's user with the roles that the directory gives them; undefined when they are erased meanwhile. */
async function userNow(deps: Deps, cause: Cause, person: ExternalPerson, role: string | null) {
  try {
    const found = await findUser(deps, cause, person);
    return found.waits ? found : { user: await giveCorporateRoles(deps, cause, found.user, role), waits: false };
  } catch (error) {
    if (error instanceof StoaError && error.code === "not_found") return undefined;
    throw error;
  }
}

const folded = (text: string) =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/^0+(?=.)/, "");

/** Counts a password that the directory refuses; a directory that is away counts as nobody's failure. */
async function authenticate(
  directory: CorporateDirectory,
  input: ExternalLogin,
  admitted: AdmittedLogin,
): Promise<CorporateIdentity> {
  try {
    return await directory.authenticate(input);
  } catch (error) {
    if (error instanceof StoaError && error.status === 401) throw await admitted.failed(error);
    throw error;
  }
}
