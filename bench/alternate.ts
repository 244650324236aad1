import { type Measured, quantile } from "./load.ts";
import type { Settings } from "./measurement.ts";

/** The result of one round of one side. */
export interface Sample {
  readonly per_second: number;
  /** The server's CPU time for each request. */
  readonly cpu_ms?: number;
}

/** One side of a ratio: measures for one round, and returns how much is done in a second. */
export type Side = (seconds: number) => Promise<Sample>;

/** The rates of two sides, as medians over the rounds. The ratio is the median of the ratios of each round. */
export interface Compared {
  readonly ratio: number;
  readonly ours: number;
  readonly theirs: number;
  /** The CPU time of a request on each side, in milliseconds; 0 when it was not measured. */
  readonly cpu: { readonly ours: number; readonly theirs: number };
}

/**
 * Measures two sides alternately, so that other work on the machine affects both alike. A shorter round of each warms
 * up first. The sides also take turns in going first.
 */
export async function alternate({ seconds, rounds }: Settings, ours: Side, theirs: Side): Promise<Compared> {
  await ours(Math.min(1, seconds));
  await theirs(Math.min(1, seconds));
  const pairs: { ours: Sample; theirs: Sample }[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await ours(seconds);
      pairs.push({ ours: first, theirs: await theirs(seconds) });
    } else {
      const first = await theirs(seconds);
      pairs.push({ ours: await ours(seconds), theirs: first });
    }
  }
  const median = (of: (pair: { ours: Sample; theirs: Sample }) => number) => quantile(pairs.map(of), 0.5);
  return {
    ratio: median((pair) => pair.ours.per_second / pair.theirs.per_second),
    ours: median((pair) => pair.ours.per_second),
    theirs: median((pair) => pair.theirs.per_second),
    cpu: { ours: median((pair) => pair.ours.cpu_ms ?? 0), theirs: median((pair) => pair.theirs.cpu_ms ?? 0) },
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
