import { deriveKey } from "@stoa/auth/derive-key";
import { hmacSha256 } from "@stoa/auth/hmac";
import { bytesOf, idOf } from "@stoa/db";

/** What a refresh token names: a session, and which of its tokens. */
export interface RefreshToken {
  readonly session_id: string;
  readonly counter: number;
}

/** Writes and reads refresh tokens. */
export interface RefreshTokens {
  write(token: RefreshToken): string;
  /** Undefined when the service never made it. */
  read(token: string): RefreshToken | undefined;
}

const SESSION_BYTES = 16;
const COUNTER_BYTES = 4;
const TAG_BYTES = 32;
const LENGTH = SESSION_BYTES + COUNTER_BYTES + TAG_BYTES;

/**
 * Refresh tokens are base64url of session id, counter and HMAC-SHA-256 over both, so that none of them is stored: the
 * child of a token is the same however often it is asked for.
 *
 * @param secrets `SECRET_KEY`, which writes, and earlier ones, which may still be read
 */
export async function refreshTokens(secrets: readonly [string, ...string[]]): Promise<RefreshTokens> {
  const keys = await Promise.all(secrets.map((secret) => deriveKey(secret, "refresh-token")));
  const [current] = keys;
  if (!current) throw new TypeError("There is no secret.");
  return {
    write({ session_id, counter }) {
      const bytes = new Uint8Array(LENGTH);
      bytes.set(bytesOf(session_id));
      new DataView(bytes.buffer).setUint32(SESSION_BYTES, counter);
      bytes.set(hmacSha256(current, bytes.subarray(0, -TAG_BYTES)), SESSION_BYTES + COUNTER_BYTES);
      return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
    },
    read(token) {
      const bytes = decode(token);
      if (bytes?.length !== LENGTH) return undefined;
      const named = bytes.subarray(0, -TAG_BYTES);
      const tag = bytes.subarray(-TAG_BYTES);
      if (!keys.some((key) => equal(hmacSha256(key, named), tag))) return undefined;
      return {
        session_id: idOf(named.subarray(0, SESSION_BYTES)),
        counter: new DataView(bytes.buffer, SESSION_BYTES).getUint32(0),
      };
    },
  };
}

function decode(token: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]{70}$/.test(token)) return undefined;
  try {
    // Strict: the unused bits of the last character must be zero, so that a token has one spelling.
    return Uint8Array.fromBase64(`${token}==`, { alphabet: "base64url", lastChunkHandling: "strict" });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Takes the same time wherever they differ. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}
