import type { RevocationEvent } from "@stoa/auth";
import type { Cause } from "@stoa/events";
import type { KeyDeps } from "./make.ts";
import { mintFirstKeys } from "./mint.ts";
import { openAllKeys, openKey } from "./open.ts";
import { readActiveKey } from "./read.ts";
import { revokeKey } from "./revoke.ts";
import { forgetKeys, rotateKeys, rotateWhenDue } from "./rotate.ts";
import type { Signer } from "./signer.ts";
import type { SigningKeyRow } from "./table.ts";

/** The signing keys of a process: which one signs now, and how they change. */
export interface KeyRing {
  /** @throws Error when the key cannot be opened with the present secrets */
  signer(): Promise<Signer>;
  /** Reads at once which key signs. Makes the first keys if there are none. */
  reload(): Promise<void>;
  /** The next `signer()` reads again: for `key.*` events of other processes. */
  lookAgain(): void;
  /** At start: the first keys if there are none, and every key opened once (`openAllKeys`). */
  prepare(): Promise<void>;
  /** @returns the kid that signs now. @throws StoaError `next_key_too_new` */
  rotate(cause: Cause): Promise<string>;
  /** @throws StoaError `not_found` */
  revoke(cause: Cause, kid: string, tell: (event: RevocationEvent) => void): Promise<SigningKeyRow>;
  /** The periodic work: rotates when 90 days have passed, and deletes keys that verify nothing any more. */
  maintain(): Promise<void>;
}

/** How long a process signs with a key before it reads again which one is active. */
const LOOK_AGAIN_MS = 60_000;

/** Reads the active key when it is first needed, and again every minute; makes the first keys if there are none. */
export function keyRing(deps: KeyDeps): KeyRing {
  let signer: Signer | undefined;
  let lookAt = 0;
  let changes = 0;

  const lookAgain = () => {
    changes++;
    lookAt = 0;
  };
  const reload = async () => {
    const before = changes;
    if (!(await readActiveKey(deps.db))) await mintFirstKeys(deps);
    const row = await readActiveKey(deps.db);
    if (!row) throw new Error("There is no active signing key.");
    if (signer?.kid !== row.kid) signer = await openKey(deps, row);
    // What was read may be older than a change that became known meanwhile.
    lookAt = changes === before ? deps.now().getTime() + LOOK_AGAIN_MS : 0;
  };
  return {
    reload,
    lookAgain,
    async signer() {
      while (!signer || deps.now().getTime() >= lookAt) await reload();
      return signer;
    },
    async prepare() {
      await reload();
      await openAllKeys(deps);
    },
    async rotate(cause) {
      const kid = await rotateKeys(deps, cause);
      lookAgain();
      return kid;
    },
    async revoke(cause, kid, revoke) {
      const row = await revokeKey({ ...deps, revoke }, cause, kid);
      lookAgain();
      return row;
    },
    async maintain() {
      if (await rotateWhenDue(deps)) lookAgain();
      await forgetKeys(deps);
    },
  };
}
