import { eventually } from "./eventually.ts";

/**
 * Waits until the clock has moved on. What comes before and after it has different times, on a machine too that does both
 * within a millisecond.
 */
export async function nextMoment(): Promise<void> {
  const moment = Date.now();
  await eventually(() => Date.now() > moment);
}
