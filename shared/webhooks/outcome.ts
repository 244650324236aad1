/** How long after a failed attempt the next one comes; milliseconds. After the last of these it is given up. */
export const RETRY_MS: readonly number[] = [60_000, 600_000, 3_600_000, 21_600_000];

/** The longest time that a receiver may put an attempt off by `Retry-After`; milliseconds. */
const PUT_OFF_MS = 86_400_000;

/** What a receiver answered; no status when it did not, in time. */
export interface Answer {
  readonly status: number | null;
  readonly retry_after?: string | null;
}

/** What follows from an attempt. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** The receiver is gone (410) and wants nothing more. */
  | { readonly kind: "gone" }
  | { readonly kind: "retry"; readonly at: Date }
  | { readonly kind: "failed" };

/**
 * Judges an attempt. Whatever is no 2xx is a failure, redirects too, and is tried again: after a minute, ten, an hour and six
 * hours, or when the receiver says (`Retry-After`), if that is later.
 *
 * @param attempts how many there were, with this one
 */
export function outcomeOf({ status, retry_after }: Answer, attempts: number, now: Date): Outcome {
  if (status !== null && status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 410) return { kind: "gone" };
  const wait = RETRY_MS[attempts - 1];
  if (wait === undefined) return { kind: "failed" };
  return { kind: "retry", at: new Date(now.getTime() + Math.max(wait, askedFor(retry_after, now))) };
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, section 10.2.3); 0 for anything else. */
function askedFor(retry_after: string | null | undefined, now: Date): number {
  if (!retry_after) return 0;
  const wait = /^\d+$/.test(retry_after) ? Number(retry_after) * 1_000 : Date.parse(retry_after) - now.getTime();
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), PUT_OFF_MS);
}
