import { type Entry, entriesOf, forgetAt, overrideOf, type RevocationEvent } from "./revocation-entries.ts";
import type { Revocations } from "./revocations.ts";

/** Revocations held in memory, fed by identity's events. */
export interface MemoryRevocations extends Revocations {
  /** Applies an event; an event that revokes nothing is ignored. Applying the same event again changes nothing. */
  apply(event: RevocationEvent): void;
  /**
   * Calls back with each event that changed something, so that open streams verify their tokens again. Returns the
   * function that unsubscribes.
   */
  onChange(listener: (event: RevocationEvent) => void): () => void;
  /** How many changes are remembered. */
  readonly size: number;
}

const PURGE_EVERY_MS = 10_000;

/**
 * A revocation set for one process. It forgets a change one token lifetime (and a minute) after it happened, because
 * every token signed before the change has expired by then. So its size is bounded by what is revoked within that
 * time. At start, apply identity's events of the last lifetime to it.
 *
 * @example
 * const revocations = memoryRevocations({ lifetimeSeconds: 900, now });
 * await source.follow({ since }, async (batch) => batch.forEach(revocations.apply), signal);
 */
export function memoryRevocations(options: { lifetimeSeconds: number; now: () => Date }): MemoryRevocations {
  const entries = new Map<string, Entry>();
  const listeners = new Set<(event: RevocationEvent) => void>();
  let purgeAt = 0;

  const put = (entry: Entry) => {
    const known = entries.get(entry.subject);
    if (known && known.changed_at > entry.changed_at) return;
    entries.set(entry.subject, entry);
  };
  const purge = () => {
    const now = options.now();
    if (now.getTime() < purgeAt) return;
    purgeAt = now.getTime() + PURGE_EVERY_MS;
    const time = now.toISOString();
    for (const entry of entries.values()) {
      if (forgetAt(entry.changed_at, options.lifetimeSeconds) <= time) entries.delete(entry.subject);
    }
  };

  return {
    apply(event) {
      const changes = entriesOf(event);
      if (changes.length === 0) return;
      const past = forgetAt(event.time, options.lifetimeSeconds) <= options.now().toISOString();
      if (!past) changes.forEach(put);
      purge();
      for (const listener of listeners) listener(event);
    },
    lookup: (token) => (entries.size === 0 ? undefined : overrideOf(token, (subject) => entries.get(subject))),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get size() {
      return entries.size;
    },
  };
}
