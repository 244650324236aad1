import { hmacSha256 } from "@stoa/auth/hmac";
import { StoaError } from "@stoa/errors";

/** Where a page ended: the values of the order's columns in its last row. */
export type Position = readonly (string | number | null)[];

/** 128 bits of HMAC-SHA-256 (RFC 2104, section 5, allows no less than half). */
const tagBytes = 16;

/**
 * Writes a cursor: the position and an HMAC over it and over what it belongs to, so that it opens nowhere else.
 *
 * @param key derived from the service's secret; 32 bytes
 * @param scope the list's name, order and filters, always in the same order
 */
export function sealCursor(key: Uint8Array, scope: unknown, position: Position): string {
  const payload = utf8.encode(JSON.stringify(position));
  const bytes = new Uint8Array(tagBytes + payload.length);
  bytes.set(tag(key, scope, payload));
  bytes.set(payload, tagBytes);
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * Opens a cursor.
 *
 * @throws StoaError `invalid_cursor` when it is forged, cut, or belongs to another list, order or filter.
 */
export function openCursor(key: Uint8Array, scope: unknown, cursor: string): Position {
  const bytes = decode(cursor);
  if (!bytes || bytes.length <= tagBytes) throw new StoaError("invalid_cursor");
  const payload = bytes.subarray(tagBytes);
  if (!equalInConstantTime(bytes.subarray(0, tagBytes), tag(key, scope, payload)))
    throw new StoaError("invalid_cursor");
  return JSON.parse(new TextDecoder().decode(payload)) as Position;
}

function tag(key: Uint8Array, scope: unknown, payload: Uint8Array): Uint8Array {
  const context = utf8.encode(JSON.stringify(scope));
  // The length first: no context and payload can be read as another pair.
  const head = utf8.encode(`stoa-cursor-v1 ${context.length} `);
  const message = new Uint8Array(head.length + context.length + payload.length);
  message.set(head);
  message.set(context, head.length);
  message.set(payload, head.length + context.length);
  return hmacSha256(key, message).subarray(0, tagBytes);
}

const utf8 = new TextEncoder();

function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < b.length; index++) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}

function decode(cursor: string): Uint8Array | undefined {
  // A length of 4n + 1 is no base64 at all, and the platform would throw.
  if (!/^[A-Za-z0-9_-]+$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  return Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
}
