import { seal, unseal } from "@stoa/auth/seal";
import { sql, storedJson, updateRows } from "@stoa/db";
import { OperatorError } from "@stoa/errors";
import type { KeyDeps } from "./make.ts";
import { readKeysThatSign } from "./read.ts";
import { makeSigner, type Signer } from "./signer.ts";
import { type SigningKeyRow, signingKeys } from "./table.ts";

/**
 * Opens a key and tries it. One that the previous secret sealed is sealed again with the present one.
 *
 * @throws OperatorError when no secret opens it; Error when it does not fit its public half
 */
export async function openKey({ db, secrets }: Pick<KeyDeps, "db" | "secrets">, row: SigningKeyRow): Promise<Signer> {
  for (const [age, secret] of secrets.entries()) {
    const text = await unseal(secret, row.kid, row.private_key);
    if (text === undefined) continue;
    const signer = await makeSigner(
      row.kid,
      storedJson(text, "signing_keys.private_key", row.kid),
      storedJson(row.public_jwk, "signing_keys.public_jwk", row.kid),
    );
    if (age > 0) {
      const private_key = await seal(secrets[0], row.kid, text);
      await db.write([
        updateRows(signingKeys, { private_key }, sql`kid = ${row.kid} and private_key = ${row.private_key}`),
      ]);
    }
    return signer;
  }
  throw new OperatorError(
    `SECRET_KEY does not open the signing key ${row.kid}; give the earlier one as SECRET_KEY_PREVIOUS.`,
  );
}

/**
 * Opens every key that signs or will, so that a secret that does not fit is noticed at start, and so that after one
 * start nothing is sealed with the previous secret any more.
 *
 * @throws OperatorError when one does not open
 */
export async function openAllKeys(deps: Pick<KeyDeps, "db" | "secrets">): Promise<void> {
  for (const row of await readKeysThatSign(deps.db)) await openKey(deps, row);
}
