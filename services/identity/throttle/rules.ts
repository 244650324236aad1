import { type Sql, sql } from "@stoa/db";
import type { ThrottleScope } from "./table.ts";

/** How failures of a scope are counted. */
export interface ThrottleRule {
  /** From this failure on, proofs are not judged for a while. */
  readonly from: number;
  /** Seconds without a failure after which all are forgotten. */
  readonly quiet: number;
}

const HOUR = 3_600;

/**
 * The limits. A known device has its own, so that strangers cannot block it, and it cannot guess without end. An
 * address is forgotten sooner, since many people may share it.
 */
export const rules: Readonly<Record<ThrottleScope, ThrottleRule>> = {
  account: { from: 5, quiet: 12 * HOUR },
  address: { from: 20, quiet: HOUR },
  device: { from: 20, quiet: 12 * HOUR },
  proof: { from: 5, quiet: 12 * HOUR },
  // Five tries use up an `mfa_token`; a second login gives another five before the first wait.
  code: { from: 10, quiet: 12 * HOUR },
};

const FIRST_WAIT = 5;
/** In seconds. */
export const LONGEST_WAIT = 900;

/** Seconds to wait after so many failures: 5, then twice as long each time, at most 15 minutes. */
export function waitAfter(scope: ThrottleScope, failures: number): number {
  const { from } = rules[scope];
  return failures < from ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - from));
}

/** The same in SQL, where the number of failures is known only as it is counted. Null without a wait. */
export function blockedUntil(scope: ThrottleScope, failures: Sql, time: string): Sql {
  const { from } = rules[scope];
  const seconds = sql`min(${LONGEST_WAIT}, ${FIRST_WAIT} << min(${failures} - ${from}, 10))`;
  return sql`iif(${failures} >= ${from}, strftime('%Y-%m-%dT%H:%M:%fZ', ${time}, ${seconds} || ' seconds'), null)`;
}
