import { type FirebaseHash, foreignRefusal, type Pbkdf2Hash, readForeign } from "./foreign-hash.ts";

/** A stored hash, as far as it decides whether and how to run it. */
export type StoredHash =
  | Pbkdf2Hash
  | FirebaseHash
  | { readonly kind: "bcrypt"; readonly cost: number }
  | {
      readonly kind: "argon2";
      readonly variant: "argon2id" | "argon2i" | "argon2d";
      /** KiB. */
      readonly memory: number;
      readonly passes: number;
      readonly lanes: number;
    };

/**
 * The most that a hash of another system may cost. An import chooses it, and every login pays it.
 *
 * Memory covers the presets of common frameworks (Django 100 MiB, Laravel and RFC 9106's second choice
 * 64 MiB), so that a queue as wide as the machine holds some hundred MiB at worst; the product keeps the time under a
 * second. bcrypt of cost 16 takes some five seconds: the contract takes it, and the next login does not.
 */
const most = { cost: 16, memory: 131_072, passes: 10, lanes: 16, work: 655_360 } as const;
const least = { cost: 4 } as const;

const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const argon2 = /^\$(argon2id|argon2i|argon2d)\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$([\w+/]+)\$([\w+/]+)$/;

/** What Django writes before a hash that others write alone. `bcrypt_sha256` hashes the SHA-256 of the password, in hex. */
const djangoPrefix = /^(argon2|bcrypt|bcrypt_sha256)\$(?=[$a])/;

/** A hash as others than Django write it, and whether bcrypt gets the SHA-256 of the password. */
export function withoutPrefix(hash: string): { readonly hash: string; readonly digested: boolean } {
  const [prefix = "", name] = djangoPrefix.exec(hash) ?? [];
  const rest = hash.slice(prefix.length);
  return { hash: name === "argon2" ? `$${rest}` : rest, digested: name === "bcrypt_sha256" };
}

/**
 * Reads a hash: bcrypt (`$2a$`, `$2b$`, `$2y$`), argon2 as a PHC string, version 19, either of them also as Django writes it,
 * PBKDF2 and Firebase's scrypt (`foreign-hash.ts`).
 *
 * @returns undefined for anything else
 */
export function readHash(stored: string): StoredHash | undefined {
  const foreign = readForeign(stored);
  if (foreign) return foreign;
  const { hash } = withoutPrefix(stored);
  const cost = bcrypt.exec(hash)?.[1];
  if (cost !== undefined) return { kind: "bcrypt", cost: Number(cost) };
  const [, variant, memory, passes, lanes, salt = "", output = ""] = argon2.exec(hash) ?? [];
  if (variant === undefined || !isSized(salt, 8, 64) || !isSized(output, 16, 64)) return undefined;
  return {
    kind: "argon2",
    variant: variant as "argon2id" | "argon2i" | "argon2d",
    memory: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
  };
}

/** Why a hash is not run, as a sentence for an import; undefined when it is accepted. */
export function refusalOf(hash: string): string | undefined {
  const read = readHash(hash);
  if (!read)
    return "The hash is neither bcrypt ($2a, $2b, $2y), argon2 (version 19, as a PHC string), PBKDF2 nor scrypt of Firebase.";
  if (read.kind === "pbkdf2" || read.kind === "firebase") return foreignRefusal(read);
  if (read.kind === "bcrypt") {
    if (read.cost >= least.cost && read.cost <= most.cost) return undefined;
    return `bcrypt costs from ${least.cost} to ${most.cost} are taken, not ${read.cost}.`;
  }
  const { memory, passes, lanes } = read;
  if (lanes < 1 || lanes > most.lanes) return `argon2 with 1 to ${most.lanes} lanes is taken, not p=${lanes}.`;
  if (memory < 8 * lanes || memory > most.memory) {
    return `argon2 with 8 KiB a lane to ${most.memory} KiB of memory is taken, not m=${memory}.`;
  }
  if (passes < 1 || passes > most.passes) return `argon2 with 1 to ${most.passes} passes is taken, not t=${passes}.`;
  if (memory * passes > most.work) return `argon2 with m × t up to ${most.work} is taken, not ${memory * passes}.`;
  return undefined;
}

/** Whether Base64 without padding decodes, to a number of bytes in bounds. */
function isSized(text: string, min: number, max: number): boolean {
  if (text.includes("_") || text.length % 4 === 1) return false;
  try {
    const { length } = Uint8Array.fromBase64(text + "=".repeat((4 - (text.length % 4)) % 4), {
      lastChunkHandling: "strict",
    });
    return length >= min && length <= max;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
