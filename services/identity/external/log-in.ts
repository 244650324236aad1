import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { retrying } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { finishLogin } from "../sessions/finish-login.ts";
import { type AdmittedLogin, loginAttempt } from "../throttle/login-attempt.ts";
import type { CorporateDirectory, CorporateIdentity } from "./corporate-directory.ts";
import { findUser, isPerson } from "./find-user.ts";
import type { ExternalLogin, ExternalTokens } from "./schema.ts";

/**
 * Starts a session for a user whom the corporate directory authenticates. Failures are counted like those of our own
 * passwords, so that nobody guesses corporate passwords here.
 *
 * @throws StoaError `not_configured`, `login_throttled`, `invalid_account_id`, `invalid_credentials`,
 *   `directory_unavailable`; only after a right password `account_disabled` and `mfa_required`.
 */
export async function logInExternally(deps: Deps, cause: Cause, input: ExternalLogin): Promise<ExternalTokens> {
  const { directory, db } = deps;
  if (!directory) throw new StoaError("not_configured");
  const { origin } = directory;
  const account_id = JSON.stringify(input.account_id);
  // Failures are counted for all spellings of a name together, since a directory may take several for the same person.
  const name = JSON.stringify([origin, `${input.account_id}`, input.username].map(folded));
  const user = sql`select user_id from external_identities where origin = ${origin} and account_id = ${account_id}
    and lower(username) = lower(${input.username}) limit 1`;
  return retrying(db, `external login ${name}`, async () => {
    const attempt = loginAttempt(deps, cause, { kind: "external", name, user });
    const [standing] = await db.query(attempt.standing);
    const admitted = attempt.admit(standing);
    const who = await authenticate(directory, input, admitted);
    const { guid, ace_user_id, username, verified_email } = who;
    const person = { origin, guid, account_id, username: input.username, name: username, verified_email };
    const found = await findUser(deps, cause, person);
    const tokens = await finishLogin(deps, cause, found, { method: "external", admitted, still: isPerson(person) });
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

const folded = (text: string) =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/^0+(?=.)/, "");

/** Counts what the directory refuses. That it does not answer is nobody's failure, and is not counted. */
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
