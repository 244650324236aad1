import { parse, stringify, v5, v7 } from "uuid";

/** A new id: UUIDv7 (RFC 9562, section 5.7), ascending within a process. */
export function newId(): string {
  return v7();
}

/**
 * An id derived from an event: the same event and label always give the same UUIDv7, with the event's time. Reactions
 * use it, because their effects must be the same whichever process applies them.
 */
export function derivedId(eventId: string, label: string): string {
  const bytes = Uint8Array.from(parse(v5(label, eventId)));
  bytes.set(parse(eventId).subarray(0, 6));
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  return stringify(bytes);
}

/** Milliseconds since 1970 in a UUIDv7; NaN for anything else. */
export function timeOf(id: string): number {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id)) return Number.NaN;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
