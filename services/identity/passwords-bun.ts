import { availableParallelism } from "node:os";
import { StoaError } from "@stoa/errors";
import { CryptoHasher, password as hashing } from "bun";
import type { Passwords } from "./passwords/passwords.ts";
import { readHash, refusalOf, withoutPrefix } from "./passwords/stored-hash.ts";
import { workQueue } from "./passwords/work-queue.ts";

/** The least that OWASP recommends: 19 MiB, two passes, one lane. */
const argon2id = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** How every hash made by these begins. */
const present = `$argon2id$v=19$m=${argon2id.memoryCost},t=${argon2id.timeCost},p=1$`;

/** A hash that no password has. It is verified where there is none, so that the work is the same. */
const nobody =
  "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const encoder = new TextEncoder();

/** Only so many characters are estimated, since the work grows with the square of the length. */
const ESTIMATED_LENGTH = 64;

const busy = () =>
  new StoaError("unavailable", {
    detail: "Too many logins at once; try again after the time in Retry-After.",
    headers: { "retry-after": "2" },
  });

/** How many passwords may wait to be hashed: as many as a team that logs in within one second, at 30 hashes a second. */
const DEPTH = 256;

/**
 * Passwords on Bun: argon2id through a queue that leaves a core to everything else, and zxcvbn, loaded when first
 * asked for (24 MB).
 *
 * @param cores 1 more than the width of hashing; those of the machine unless given
 */
export function bunPasswords({ cores = availableParallelism(), depth = DEPTH } = {}): Passwords {
  const queue = workQueue({ width: Math.max(1, cores - 1), depth, full: busy });
  return {
    hash: (password) => queue.run(() => hashing.hash(password, argon2id)),
    verify: (password, hash) =>
      queue.run(async () => {
        const known = hash === null || refusalOf(hash) !== undefined ? undefined : readHash(hash);
        if (hash === null || known === undefined) return (await hashing.verify(password, nobody)) && false;
        if (known.kind === "pbkdf2" || known.kind === "firebase") {
          const { verifyForeign } = await import("./foreign-bun.ts");
          return verifyForeign(password, known);
        }
        const plain = withoutPrefix(hash);
        return hashing.verify(bytesFor(plain, password), plain.hash);
      }),
    isPresent: (hash) => hash.startsWith(present),
    async estimate(password, known) {
      const estimator = await loadEstimator();
      const { score, feedback } = estimator.check(password.slice(0, ESTIMATED_LENGTH), [...known]);
      return { score, weakness: feedback.warning };
    },
  };
}

/**
 * bcrypt never reads past 72 bytes. Bun would first hash longer passwords, so that no hash made elsewhere would match.
 */
function bytesFor(
  { hash, digested }: { readonly hash: string; readonly digested: boolean },
  password: string,
): string | Uint8Array<ArrayBuffer> {
  if (digested) return new CryptoHasher("sha256").update(password).digest("hex");
  return hash.startsWith("$2") ? encoder.encode(password).slice(0, 72) : password;
}

let loading: ReturnType<typeof makeEstimator> | undefined;

function loadEstimator() {
  loading ??= makeEstimator();
  return loading;
}

async function makeEstimator() {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
