import { LRUCache } from "lru-cache";
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

/** So many requests in so many seconds; `refill` seconds apart they come back one by one, instead of all at once. */
interface LimitSpec {
  readonly name: string;
  readonly quota: number;
  readonly seconds: number;
  readonly by: "address" | "user";
}

const specs = {
  address: { name: "address", quota: 300, seconds: 60, by: "address" },
  user: { name: "user", quota: 600, seconds: 60, by: "user" },
  registration: { name: "registration", quota: 30, seconds: 60, by: "address" },
  mail: { name: "mail", quota: 10, seconds: 60, by: "address" },
  login: { name: "login", quota: 60, seconds: 60, by: "address" },
  // A burst of 100 that comes back at 10 a second.
  send: { name: "send", quota: 100, seconds: 10, by: "user" },
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
 * Token buckets: a bucket holds `quota` and fills evenly in `seconds`. Kept in memory, without timers (Workers have
 * none that outlive a request) and bounded; nothing is awaited, as every request passes here.
 *
 * Source of the headers: draft-ietf-httpapi-ratelimit-headers-10.
 *
 * @param scale multiplies every quota; 0 switches limits off
 * @param now milliseconds
 */
export function createLimits(scale: number, now: () => number): Limits {
  if (scale <= 0) return { take: () => undefined };
  const buckets = new Map<string, (key: string) => Verdict>();
  for (const spec of Object.values(specs)) buckets.set(spec.name, bucketsOf(spec, scale, now));
  return { take: (name, key) => buckets.get(name)?.(key) };
}

interface Bucket {
  left: number;
  at: number;
}

function bucketsOf({ name, quota, seconds }: LimitSpec, scale: number, now: () => number): (key: string) => Verdict {
  const size = Math.max(1, Math.round(quota * scale));
  const perMs = size / (seconds * 1000);
  const policy = `"${name}";q=${size};w=${seconds}`;
  const held = new LRUCache<string, Bucket>({ max: KEYS });
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
    const retry_after = allowed ? 0 : Math.max(1, Math.ceil((1 - bucket.left) / perMs / 1000));
    const whole = Math.ceil((size - bucket.left) / perMs / 1000);
    return { allowed, state: `"${name}";r=${Math.floor(bucket.left)};t=${whole}`, policy, retry_after };
  };
}
