import { newId, randomHex } from "@stoa/db";

const printable = /^[\x20-\x7e]{1,128}$/;
const traceContext = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** The request id a client sent, 1 to 128 printable ASCII characters, or a new one (UUIDv7). */
export function requestId(sent: string | null): string {
  return sent !== null && printable.test(sent) ? sent : newId();
}

/**
 * The trace context a client sent, or the beginning of a new trace, not sampled.
 *
 * Source: W3C Trace Context, level 1, section 3.2.
 */
export function traceparent(sent: string | null): string {
  if (sent !== null && traceContext.test(sent)) {
    // Version 00 has exactly four parts; a later version may have more, which we may drop.
    if (sent.length === 55) return sent;
    if (!sent.startsWith("00")) return sent.slice(0, 55);
  }
  return `00-${randomHex(16)}-${randomHex(8)}-00`;
}

/** The trace id of a trace context. */
export function traceIdOf(context: string): string {
  return context.slice(3, 35);
}
