import { deriveKey } from "@stoa/auth/derive-key";
import type { Deps } from "./deps.ts";
import { type KeyRing, keyRing } from "./keys/ring.ts";
import { factorBox } from "./mfa/factor-box.ts";
import { refreshTokens } from "./sessions/refresh-token.ts";
import { ensureFirstSuperuser, type FirstSuperuser } from "./users/first-superuser.ts";
import { foldKeys } from "./users/fold-keys.ts";

/** What an entry point provides. Secrets: `SECRET_KEY` first, then `SECRET_KEY_PREVIOUS`. */
export type Given = Omit<Deps, "keys" | "refreshTokens" | "cursor_key" | "throttle_key" | "secretBox"> & {
  readonly secrets: readonly [string, ...string[]];
};

/** Derives from the secrets what identity's use cases need. Touches no database: Workers call it at module scope. */
export async function identityDeps({ secrets, ...given }: Given): Promise<Deps> {
  const keys: KeyRing = keyRing({ ...given, secrets });
  const cursor_key = await deriveKey(secrets[0], "cursor");
  const throttle_key = await deriveKey(secrets[0], "login-throttle");
  return {
    ...given,
    keys,
    cursor_key,
    throttle_key,
    secretBox: factorBox(secrets),
    refreshTokens: await refreshTokens(secrets),
  };
}

/**
 * Makes identity ready to serve: the first signing keys, the keys that older rows are found by, and the first superuser of an empty database.
 *
 * @returns the password generated for the first superuser, to be printed once
 * @throws Error when the secrets do not decrypt the signing key; OperatorError for a weak password of the first superuser.
 */
export async function prepareIdentity(deps: Deps, first: FirstSuperuser): Promise<{ readonly password?: string }> {
  await deps.keys.prepare();
  const shared = await foldKeys(deps.db);
  if (shared.length > 0) deps.http.log.warn({ user_ids: shared }, "These users have the mailbox of another user.");
  const password = await ensureFirstSuperuser(deps, first);
  return password === undefined ? {} : { password };
}
