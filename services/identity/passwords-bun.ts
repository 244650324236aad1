import { availableParallelism } from "node:os";
import { password as argon2 } from "bun";
import type { Passwords } from "./passwords/passwords.ts";
import { workQueue } from "./passwords/work-queue.ts";

/** OWASP's least: 19 MiB, two passes, one lane. */
const argon2id = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** A hash of nobody's password, with the cost of everybody's. */
const nobody =
  "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** Longer passwords are estimated by their beginning: the work grows with the square of the length. */
const ESTIMATED_LENGTH = 64;

/**
 * Passwords on Bun: argon2id through a queue that leaves a core to everything else, and zxcvbn, loaded when first
 * asked for (24 MB).
 *
 * @param cores 1 more than the width of hashing; those of the machine unless given
 */
export function bunPasswords({ cores = availableParallelism(), depth = 64 } = {}): Passwords {
  const queue = workQueue({ width: Math.max(1, cores - 1), depth });
  return {
    hash: (password) => queue.run(() => argon2.hash(password, argon2id)),
    verify: (password, hash) =>
      queue.run(async () => {
        const known = hash !== null && isAffordable(hash);
        const right = await argon2.verify(password, known ? hash : nobody);
        return known && right;
      }),
    async estimate(password, known) {
      const estimator = await loadEstimator();
      const { score, feedback } = estimator.check(password.slice(0, ESTIMATED_LENGTH), [...known]);
      return { score, weakness: feedback.warning };
    },
  };
}

/** Only our own kind of hash: Bun would spend seconds on one that asks for a gigabyte, and throws on others. */
function isAffordable(hash: string): boolean {
  const [, memory, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$[\w+/]+\$[\w+/]+$/.exec(hash) ?? [];
  return Number(memory) <= 65_536 && Number(passes) <= 10;
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
