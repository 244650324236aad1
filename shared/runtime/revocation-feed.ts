import { createVerifier, type JwkSet, type MemoryRevocations, memoryRevocations, type Verifier } from "@stoa/auth";
import { type EventSource, tail } from "@stoa/bus";
import type { Config } from "@stoa/config";
import { type Envelope, nameOf } from "@stoa/events";
import type { Logger } from "@stoa/http";

/** Verifies tokens without a request to identity, by its public keys and what it revoked within one token lifetime. */
export interface RevocationFeed {
  readonly verifier: Verifier;
  readonly revocations: MemoryRevocations;
  /** Which of identity's events could not be read, and what to do about it. */
  damage(): string | undefined;
  stop(): Promise<void>;
}

/** What a feed needs. */
export interface RevocationFeedOptions {
  readonly config: Config;
  /** Identity's events. */
  readonly source: EventSource;
  /** Identity's keys: a URL, or a function for a process that has them without HTTP. */
  readonly keys: { readonly jwksUrl: string } | { readonly keys: () => Promise<JwkSet> };
  /** Called after events about keys, for a process that signs tokens. */
  readonly onKeys?: (() => void) | undefined;
  readonly log: Logger;
  readonly now: () => Date;
}

/**
 * Makes the verifier of a process and keeps its revocations current from identity's events. Resolves once the events of
 * the last token lifetime were replayed, or after a few seconds when they cannot be read. In that case tokens still end
 * at their `exp`.
 */
export async function startRevocationFeed(options: RevocationFeedOptions): Promise<RevocationFeed> {
  const { config, source, keys, log, now } = options;
  const lifetimeSeconds = config.access_token_expire_minutes * 60;
  const revocations = memoryRevocations({ lifetimeSeconds, now });
  const verifier = createVerifier({ ...keys, issuer: config.issuer, audience: config.audience, revocations, now });

  const stopping = new AbortController();
  const since = new Date(now().getTime() - (lifetimeSeconds + 60) * 1_000).toISOString();
  const take = (events: readonly Envelope[]) => {
    for (const event of events) revocations.apply(event);
    if (!events.some((event) => nameOf(event).startsWith("key."))) return;
    options.onKeys?.();
    // Reading the keys takes seconds when identity does not answer, and the next revocation must not wait for that. It
    // never rejects: a token of a key that is not known yet makes them be read too.
    void verifier.reload();
  };
  const following = tail(source, { since, log }, take, stopping.signal);
  if (!(await following.ready))
    log.warn(
      { source: "identity" },
      "The revocations are not known yet; they will be applied when identity's events can be read.",
    );
  return {
    verifier,
    revocations,
    damage: following.damage,
    stop: async () => {
      stopping.abort();
      await following.ended;
    },
  };
}
