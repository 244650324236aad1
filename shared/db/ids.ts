import { v5 } from "uuid";
import { randomBytes } from "./random.ts";

/** A new id: UUIDv7 (RFC 9562, section 5.7), ascending within a process. */
export const newId = ids(() => Date.now());

/**
 * Makes ids that ascend. Within a millisecond, and while the clock stands still or goes back, they count up from a random
 * number (RFC 9562, section 6.2, method 1), in 31 bits behind the time.
 */
export function ids(clock: () => number): () => string {
  let time = 0;
  let sequence = 0;
  return () => {
    const bytes = randomBytes(16);
    const now = clock();
    if (now > time) {
      time = now;
      sequence = ((bytes[6] ?? 0) << 16) | ((bytes[7] ?? 0) << 8) | (bytes[8] ?? 0);
    } else {
      sequence++;
    }
    // Operators take 32 bits at most.
    const high = Math.floor(time / 0x1_0000_0000);
    bytes[0] = high >>> 8;
    bytes[1] = high;
    bytes[2] = time >>> 24;
    bytes[3] = time >>> 16;
    bytes[4] = time >>> 8;
    bytes[5] = time;
    bytes[6] = 0x70 | (sequence >>> 27);
    bytes[7] = sequence >>> 19;
    bytes[8] = 0x80 | ((sequence >>> 13) & 0x3f);
    bytes[9] = sequence >>> 5;
    bytes[10] = ((sequence << 3) & 0xff) | ((bytes[10] ?? 0) & 0x07);
    return idOf(bytes);
  };
}

/** An id from its 16 bytes. */
export function idOf(bytes: Uint8Array): string {
  const hex = bytes.toHex();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The 16 bytes of an id. */
export function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(id.replaceAll("-", ""));
}

/**
 * An id derived from an event: the same event and label always give the same UUIDv7, with the event's time. Reactions
 * use it, because their effects must be the same whichever process applies them.
 */
export function derivedId(eventId: string, label: string): string {
  const bytes = bytesOf(v5(label, eventId));
  bytes.set(bytesOf(eventId).subarray(0, 6));
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  return idOf(bytes);
}

/** Milliseconds since 1970 in a UUIDv7; NaN for anything else. */
export function timeOf(id: string): number {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id)) return Number.NaN;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
