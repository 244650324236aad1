import { secretBytes } from "./secret.ts";

/** What is signed. */
export interface Signed {
  /** The event's id: the same in every attempt and in redeliveries, so that a receiver can drop what it has. */
  readonly id: string;
  /** When it is sent, in seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * The headers of a delivery: `webhook-id`, `webhook-timestamp` and `webhook-signature`.
 *
 * Source: Standard Webhooks 1.0, symmetric signatures (`v1`, HMAC-SHA-256 over `id.timestamp.body`).
 *
 * @throws TypeError for what is no secret
 */
export async function signatureHeaders(
  secret: string,
  { id, timestamp, body }: Signed,
): Promise<Record<string, string>> {
  const bytes = secretBytes(secret);
  if (!bytes) throw new TypeError("This is no secret of a webhook.");
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": `v1,${new Uint8Array(signature).toBase64()}`,
  };
}
