import { type Measured, quantile } from "./load.ts";
import type { Settings } from "./measurement.ts";

/** One side of a ratio: what is done a second, in one round. */
export type Side = (seconds: number) => Promise<number>;

/** What two sides did, medians over the rounds; the ratio is the median of the rounds' own. */
export interface Compared {
  readonly ratio: number;
  readonly ours: number;
  readonly theirs: number;
}

/**
 * Measures two sides in turns, A B A B …, so that whatever else the machine does hits both alike. A shorter round of
 * each goes before, to warm up. The sides also take turns in going first.
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

/** The rate of a load. @throws Error when an answer had another status than it should */
export function rateOf({ errors, requests, per_second }: Measured): number {
  if (errors > 0) throw new Error(`${errors} of ${requests} answers had another status than they should.`);
  return per_second;
}
