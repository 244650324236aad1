import { type Purge, sql } from "@stoa/db";
import { knownSince } from "./known-device.ts";
import { knownDevices, loginAttempts, loginThrottles } from "./table.ts";

const KEPT_MS = 30 * 86_400_000;

/** What the throttle no longer needs. */
export const throttlePurges: readonly Purge[] = [
  {
    table: loginAttempts,
    past: (now) => sql`${loginAttempts.time} <= ${new Date(now.getTime() - KEPT_MS).toISOString()}`,
  },
  { table: loginThrottles, past: (now) => sql`${loginThrottles.forgotten_at} <= ${now.toISOString()}` },
  { table: knownDevices, past: (now) => sql`${knownDevices.last_login_at} <= ${knownSince(now)}` },
];
