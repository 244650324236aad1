import { recentMap } from "@stoa/db";
import type { NamedLimit } from "./operation.ts";

/** What a limit says about one request: the headers of its answer. */
export interface Verdict {
  readonly allowed: boolean;
  /** `RateLimit`: what is left, and the seconds until it is whole again. */
  readonly state: string;
  /** `RateLimit-Policy`: the limit itself. */
  readonly policy: string;
  /** Seconds until another try can succeed. */
  readonly retry_after: number;
}

interface LimitSpec {
  readonly name: string;
  /** Requests. */
  readonly quota: number;
  readonly seconds: number;
  readonly by: "address" | "user";
  /** A window begins with the first request and forgets all at its end; a bucket fills evenly. */
  readonly kind: "window" | "bucket";
}

const specs = {
  address: { name: "address", quota: 300, seconds: 60, by: "address", kind: "window" },
  user: { name: "user", quota: 600, seconds: 60, by: "user", kind: "window" },
  registration: { name: "registration", quota: 30, seconds: 60, by: "address", kind: "window" },
  mail: { name: "mail", quota: 10, seconds: 60, by: "address", kind: "window" },
  login: { name: "login", quota: 60, seconds: 60, by: "address", kind: "window" },
  // A burst of 100 that comes back at 10 a second.
  send: { name: "send", quota: 100, seconds: 10, by: "user", kind: "bucket" },
} as const satisfies Record<"address" | "user" | NamedLimit, LimitSpec>;

/** The name of a limit. */
export type LimitName = keyof typeof specs;

/** What a named limit counts by. */
export function countedBy(name: NamedLimit): "address" | "user" {
  return specs[name].by;
}

/** Keys held at once for each limit; past it the one longest unseen is forgotten. */
const KEYS = 50_000;

/** All limits of one process. */
export interface Limits {
  /** Counts one request. Undefined when limits are off. */
  take(name: LimitName, key: string): Verdict | undefined;
}

/**
 * Kept in memory, without timers (Workers have none that outlive a request), bounded, and without a promise, as every
 * request passes here.
 *
 * Source of the headers: draft-ietf-httpapi-ratelimit-headers-10.
 *
 * @param scale multiplies every quota; 0 switches limits off
 * @param now milliseconds
 */
export function createLimits(scale: number, now: () => number): Limits {
  if (scale <= 0) return { take: () => undefined };
  const counters = new Map<LimitName, (key: string) => Verdict>();
  for (const [name, spec] of Object.entries(specs) as [LimitName, LimitSpec][]) {
    counters.set(name, spec.kind === "window" ? windows(spec, scale, now) : buckets(spec, scale, now));
  }
  return { take: (name, key) => counters.get(name)?.(key) };
}

function windows({ name, quota, seconds }: LimitSpec, scale: number, now: () => number): (key: string) => Verdict {
  const size = sizeOf(quota, scale);
  const policy = `"${name}";q=${size};w=${seconds}`;
  const held = recentMap<{ count: number; ends: number }>(KEYS);
  return (key) => {
    const time = now();
    let window = held.get(key);
    if (!window || time >= window.ends) {
      window = { count: 0, ends: time + seconds * 1000 };
      held.set(key, window);
    }
    const allowed = window.count < size;
    if (allowed) window.count++;
    const reset = Math.min(seconds, Math.max(1, Math.ceil((window.ends - time) / 1000)));
    return { allowed, state: `"${name}";r=${size - window.count};t=${reset}`, policy, retry_after: reset };
  };
}

function buckets({ name, quota, seconds }: LimitSpec, scale: number, now: () => number): (key: string) => Verdict {
  const size = sizeOf(quota, scale);
  const perMs = size / (seconds * 1000);
  const policy = `"${name}";q=${size};w=${seconds}`;
  const held = recentMap<{ left: number; at: number }>(KEYS);
  return (key) => {
    const time = now();
    let bucket = held.get(key);
    if (!bucket) {
      bucket = { left: size, at: time };
      held.set(key, bucket);
    }
    bucket.left = Math.min(size, bucket.left + Math.max(0, time - bucket.at) * perMs);
    bucket.at = time;
    const allowed = bucket.left >= 1;
    if (allowed) bucket.left -= 1;
    const whole = Math.ceil((size - bucket.left) / perMs / 1000);
    const retry_after = Math.max(1, Math.ceil((1 - bucket.left) / perMs / 1000));
    return { allowed, state: `"${name}";r=${Math.floor(bucket.left)};t=${whole}`, policy, retry_after };
  };
}

function sizeOf(quota: number, scale: number): number {
  return Math.max(1, Math.round(quota * scale));
}
