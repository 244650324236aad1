import { type Measured, quantile } from "./load.ts";
import type { Settings } from "./measurement.ts";

/** One side of a ratio: measures for one round, and returns how much is done in a second. */
export type Side = (seconds: number) => Promise<number>;

/** The rates of two sides, as medians over the rounds. The ratio is the median of the ratios of each round. */
export interface Compared {
  readonly ratio: number;
  readonly ours: number;
  readonly theirs: number;
}

/**
 * Measures two sides alternately, so that other work on the machine affects both alike. A shorter round of each warms
 * up first. The sides also take turns in going first.
 */
export async function alternate({ seconds, rounds }: Settings, ours: Side, theirs: Side): Promise<Compared> {
  await ours(Math.min(1, seconds));
  await theirs(Math.min(1, seconds));
  const pairs: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await ours(seconds);
      pairs.push({ ours: first, theirs: await theirs(seconds) });
    } else {
      const first = await theirs(seconds);
      pairs.push({ ours: await ours(seconds), theirs: first });
    }
  }
  const median = (values: number[]) => quantile(values, 0.5);
  return {
    ratio: median(pairs.map((pair) => pair.ours / pair.theirs)),
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
  };
}

/**
 * The rate of a load.
 *
 * @throws Error when a response did not have the expected status
 */
export function rateOf({ errors, requests, per_second }: Measured): number {
  if (errors > 0) throw new Error(`${errors} of ${requests} responses did not have the expected status.`);
  return per_second;
}
