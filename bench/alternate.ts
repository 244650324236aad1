import { type Measured, quantile } from "./load.ts";
import type { Settings } from "./measurement.ts";

/** What one round of one side did. */
export interface Sample {
  readonly per_second: number;
  /** What each cost the server. */
  readonly cpu_ms?: number;
}

/** One side of a ratio: what is done a second, in one round. */
export type Side = (seconds: number) => Promise<Sample>;

/** What two sides did, medians over the rounds; the ratios are the medians of the rounds' own. */
export interface Compared {
  readonly ratio: number;
  readonly ours: number;
  readonly theirs: number;
  /** CPU of one of ours and one of theirs, where it was measured. */
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
