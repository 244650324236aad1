/** A hash by PBKDF2. */
export interface Pbkdf2Hash {
  readonly kind: "pbkdf2";
  readonly digest: "sha1" | "sha256" | "sha512";
  readonly iterations: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly output: Uint8Array<ArrayBuffer>;
}

/** A hash by Firebase's scrypt: what scrypt makes of the password encrypts the project's signer key. */
export interface FirebaseHash {
  readonly kind: "firebase";
  /** Binary logarithm of N. */
  readonly cost: number;
  readonly block: number;
  readonly lanes: number;
  /** With the project's salt separator. */
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly signer: Uint8Array<ArrayBuffer>;
  readonly output: Uint8Array<ArrayBuffer>;
}

const digests = { "": "sha1", sha1: "sha1", sha256: "sha256", sha512: "sha512" } as const;
const outputBytes = { sha1: 20, sha256: 32, sha512: 64 } as const;
const most = { iterations: 2_000_000, cost: 16, block: 16, lanes: 4, memory: 128 * 1024 * 1024 } as const;

const django = /^pbkdf2_(sha1|sha256)\$(\d{1,8})\$([^$]{1,128})\$([\w+/=]+)$/;
const phc = /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,8})(?:,l=\d{1,3})?\$([\w+/.=]+)\$([\w+/.=]+)$/;
const firebase = /^\$fbscrypt\$v=1,n=(\d{1,2}),r=(\d{1,2}),p=(\d),ss=([\w+/=]*),sk=([\w+/=]+)\$([\w+/=]+)\$([\w+/=]+)$/;

/**
 * Reads a hash by PBKDF2 or by Firebase's scrypt.
 *
 * - Django: `pbkdf2_sha256$ITERATIONS$SALT$HASH`, where the salt is text
 * - Keycloak and others, as PHC strings: `$pbkdf2-sha256$i=27500,l=64$SALT$HASH`
 * - Firebase: `$fbscrypt$v=1,n=14,r=8,p=1,ss=SEPARATOR,sk=SIGNER_KEY$SALT$HASH`
 *
 * @returns undefined for anything else
 */
export function readForeign(hash: string): Pbkdf2Hash | FirebaseHash | undefined {
  const [, name, rounds, text, sum = ""] = django.exec(hash) ?? [];
  if (name !== undefined) return pbkdf2(name, rounds, new TextEncoder().encode(text), decoded(sum));
  const [whole, digest = "", iterations, salt = "", output = ""] = phc.exec(hash) ?? [];
  if (whole !== undefined) return pbkdf2(digest, iterations, decoded(salt), decoded(output));
  return readFirebase(hash);
}

/** Why such a hash is not run; undefined when it is accepted. */
export function foreignRefusal(hash: Pbkdf2Hash | FirebaseHash): string | undefined {
  if (hash.kind === "pbkdf2") {
    const { iterations, digest, output } = hash;
    // Each block of the output takes all of the iterations.
    const work = iterations * Math.ceil(output.length / outputBytes[digest]);
    if (iterations >= 1 && work <= most.iterations) return undefined;
    return `PBKDF2 with 1 to ${most.iterations} iterations in all is taken, not ${work}.`;
  }
  const { cost, block, lanes } = hash;
  const memory = 128 * 2 ** cost * block;
  if (cost >= 1 && cost <= most.cost && block >= 1 && block <= most.block && lanes >= 1 && lanes <= most.lanes) {
    if (memory <= most.memory) return undefined;
  }
  return `scrypt with n to ${most.cost}, r to ${most.block} and p to ${most.lanes} is taken, and at most 128 MiB.`;
}

function pbkdf2(name: string, rounds: string | undefined, salt: Bytes, output: Bytes): Pbkdf2Hash | undefined {
  const digest = digests[name as keyof typeof digests];
  if (!salt || !output || salt.length > 128 || output.length < 16 || output.length > 128) return undefined;
  return { kind: "pbkdf2", digest, iterations: Number(rounds), salt, output };
}

function readFirebase(hash: string): FirebaseHash | undefined {
  const [whole, n, r, p, ss = "", sk = "", own = "", sum = ""] = firebase.exec(hash) ?? [];
  const [separator, signer, salt, output] = [ss, sk, own, sum].map(decoded);
  if (whole === undefined || !separator || !signer || !salt || !output) return undefined;
  if (salt.length > 64 || separator.length > 64 || signer.length < 16 || signer.length !== output.length)
    return undefined;
  const salted = new Uint8Array([...salt, ...separator]);
  return { kind: "firebase", cost: Number(n), block: Number(r), lanes: Number(p), salt: salted, signer, output };
}

type Bytes = Uint8Array<ArrayBuffer> | undefined;

/** Base64 in any of its spellings: with or without padding, URL-safe, or with a dot for the plus as passlib writes it. */
function decoded(text: string): Bytes {
  const plain = text.replace(/=+$/, "").replaceAll(".", "+").replaceAll("-", "+").replaceAll("_", "/");
  try {
    return Uint8Array.fromBase64(plain);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
