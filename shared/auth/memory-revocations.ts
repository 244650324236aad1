import { type Entry, effectOf, forgetAt, overrideOf, type RevocationEvent } from "./revocation-entries.ts";
import type { Revocations } from "./revocations.ts";

/** Revocations held in memory, fed by identity's events. */
export interface MemoryRevocations extends Revocations {
  /** Takes in an event; those that revoke nothing are ignored. The same event again changes nothing. */
  apply(event: RevocationEvent): void;
  /**
   * Calls back after each event that changed something, with the event, so that open streams look again. Returns the way
   * to stop.
   */
  onChange(listener: (event: RevocationEvent) => void): () => void;
  /** How many changes are remembered. */
  readonly size: number;
}

const PURGE_EVERY_MS = 10_000;

/**
 * A revocation set for one process. A change is forgotten one token lifetime (and a minute) after it happened: no
 * token signed before it lives then. So its size is bounded by what is revoked within that time. At start, feed it
 * identity's events of the last lifetime.
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
      const effect = effectOf(event);
      if (!effect) return;
      const past = forgetAt(event.time, options.lifetimeSeconds) <= options.now().toISOString();
      for (const subject of effect.drop) {
        const known = entries.get(subject);
        if (known && known.changed_at <= event.time) entries.delete(subject);
      }
      if (!past) effect.put.forEach(put);
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
