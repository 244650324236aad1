import { StoaError } from "@stoa/errors";

/** How often a command is decided anew when others keep changing what it read. */
const tries = 20;

/**
 * Runs a command until its guards hold. Each try reads again, so that it also finds out why they did not: what is
 * gone, forbidden or in conflict throws; what merely moved is decided anew.
 *
 * @param attempt returns undefined when its guards did not hold
 * @throws StoaError `unavailable` when others were faster every time.
 */
export async function retrying<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let count = 0; count < tries; count++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new StoaError("unavailable", {
    detail: "Too many others are changing this right now; try again.",
    headers: { "retry-after": "1" },
  });
}
