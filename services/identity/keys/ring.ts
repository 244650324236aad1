import { type Database, sql, updateRows } from "@stoa/db";
import { type KeyDeps, mintFirstKeys } from "./mint.ts";
import { seal, unseal } from "./seal.ts";
import { makeSigner, type Signer } from "./signer.ts";
import { type SigningKeyRow, signingKeys } from "./table.ts";

/** The key that signs now. */
export interface KeyRing {
  /** @throws Error when the key cannot be opened with the present secrets */
  signer(): Promise<Signer>;
  /** Looks again which key signs: for `key.*` events of other processes. */
  reload(): Promise<void>;
}

/** How long a process may go on signing with a key before it looks whether another has become active. */
const LOOK_AGAIN_MS = 60_000;

/** Reads the active key when it is first needed, and again every minute; makes the first keys if there are none. */
export function keyRing(deps: KeyDeps): KeyRing {
  let signer: Signer | undefined;
  let lookAt = 0;

  const reload = async () => {
    if (!(await activeKey(deps.db))) await mintFirstKeys(deps);
    const row = await activeKey(deps.db);
    if (!row) throw new Error("There is no active signing key.");
    if (signer?.kid !== row.kid) signer = await open(deps, row);
    lookAt = deps.now().getTime() + LOOK_AGAIN_MS;
  };
  return {
    reload,
    async signer() {
      if (!signer || deps.now().getTime() >= lookAt) await reload();
      if (!signer) throw new Error("There is no active signing key.");
      return signer;
    },
  };
}

async function activeKey(db: Database): Promise<SigningKeyRow | undefined> {
  const [row] = await db.query<SigningKeyRow>(sql`select * from signing_keys where status = 'active'`);
  return row;
}

/** Opens a key; one that the previous secret sealed is sealed again with the present one. */
async function open({ db, secrets }: KeyDeps, row: SigningKeyRow): Promise<Signer> {
  for (const [age, secret] of secrets.entries()) {
    const text = await unseal(secret, row.kid, row.private_key);
    if (text === undefined) continue;
    const signer = await makeSigner(row.kid, JSON.parse(text), JSON.parse(row.public_jwk));
    if (age > 0) {
      const private_key = await seal(secrets[0], row.kid, text);
      await db.write([
        updateRows(signingKeys, { private_key }, sql`kid = ${row.kid} and private_key = ${row.private_key}`),
      ]);
    }
    return signer;
  }
  throw new Error("SECRET_KEY does not open the signing key; give the earlier one as SECRET_KEY_PREVIOUS.");
}
