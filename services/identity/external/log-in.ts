import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { Deps } from "../deps.ts";
import { retrying } from "../retry.ts";
import { startSession } from "../sessions/start-session.ts";
import { findUser, isPerson } from "./find-user.ts";
import type { ExternalLogin, ExternalTokens } from "./schema.ts";

/**
 * Starts a session for whoever the corporate directory knows.
 *
 * @throws StoaError `not_configured`, `invalid_account_id`, `invalid_credentials`, `directory_unavailable`;
 *   `account_disabled`, only after a right password
 */
export async function logInExternally(deps: Deps, cause: Cause, input: ExternalLogin): Promise<ExternalTokens> {
  const { directory } = deps;
  if (!directory) throw new StoaError("not_configured");
  const { guid, ace_user_id, username: name, verified_email } = await directory.authenticate(input);
  const account_id = JSON.stringify(input.account_id);
  const person = { origin: directory.origin, guid, name, verified_email, account_id, username: input.username };
  return retrying(async () => {
    const user = await findUser(deps, cause, person);
    if (user.is_active !== 1) throw new StoaError("account_disabled");
    const tokens = await startSession(deps, cause, user, { method: "external", still: isPerson(person) });
    const { id: user_id, username } = user;
    return tokens && { ...tokens, guid, user_id, ace_user_id, username, account_id: input.account_id };
  });
}
