import { createCipheriv, pbkdf2, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { FirebaseHash, Pbkdf2Hash } from "./passwords/foreign-hash.ts";

const derive = promisify(pbkdf2);

/** Whether a password is that of a hash that Bun's own hashing does not know. */
export async function verifyForeign(password: string, hash: Pbkdf2Hash | FirebaseHash): Promise<boolean> {
  if (hash.kind === "firebase") return timingSafeEqual(await encryptedSigner(password, hash), hash.output);
  const { salt, iterations, output, digest } = hash;
  return timingSafeEqual(await derive(password, salt, iterations, output.length, digest), output);
}

/** What scrypt makes of the password is a key of AES-256 in counter mode, and what it makes of the signer key is the hash. */
async function encryptedSigner(password: string, { salt, cost, block, lanes, signer }: FirebaseHash): Promise<Buffer> {
  const memory = 128 * 2 ** cost * block;
  const key = await new Promise<Buffer>((resolve, reject) => {
    const options = { N: 2 ** cost, r: block, p: lanes, maxmem: 2 * memory + 1_048_576 };
    scrypt(password, salt, 32, options, (error, made) => (error ? reject(error) : resolve(made)));
  });
  const cipher = createCipheriv("aes-256-ctr", key, new Uint8Array(16));
  return Buffer.concat([cipher.update(signer), cipher.final()]);
}
