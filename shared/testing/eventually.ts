/** How long to wait for something to come true. */
export interface EventuallyOptions {
  /** Milliseconds until it counts as failed; 30,000 unless given. Not for what is promised in time: see `looks`. */
  readonly within?: number;
  /**
   * How often to look at most, in place of a time ({@link LOOKS_IN_A_SECOND}). On a busy machine the looks are as slow
   * as what they wait for, so that a promise in time is tested there as on an idle one.
   */
  readonly looks?: number;
  /** What is awaited, for the failure's text. */
  readonly what?: string;
}

/** So many looks, each with a request to a service, take about a second on an idle machine. */
export const LOOKS_IN_A_SECOND = 40;

/** After so many milliseconds it is said what is awaited, lest the test runner's own limit end the test before. */
const SAID_AFTER = 4_000;

type Held<T> = Exclude<T, false | null | undefined>;

const holds = <T>(value: T): value is Held<T> => value !== false && value !== null && value !== undefined;

/**
 * Waits until a condition holds, looking again every few milliseconds. It holds when it returns anything but
 * false, null and undefined, and throws nothing (an `expect` may stand in it).
 *
 * @returns what the condition returned.
 * @throws Error when it did not hold in time, with the last refusal as its cause.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Held<T>> {
  const what = options.what ?? "The condition";
  const begin = performance.now();
  const left = options.looks === undefined ? timer(options.within ?? 30_000) : counter(options.looks);
  let last: unknown;
  let said = false;
  for (let pause = 1; ; pause = Math.min(pause * 2, 25)) {
    try {
      const value = await condition();
      if (holds(value)) return value;
      last = `it was ${String(value)}`;
    } catch (error) {
      last = error;
    }
    const reason = last instanceof Error ? last.message : String(last);
    if (!left.more()) throw new Error(`${what} did not hold within ${left.name}: ${reason}`, { cause: last });
    if (!said && performance.now() - begin > SAID_AFTER) {
      process.stderr.write(`${what} does not hold yet: ${reason}\n`);
      said = true;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function timer(ms: number) {
  const end = performance.now() + ms;
  return { name: `${ms} ms`, more: () => performance.now() < end };
}

function counter(looks: number) {
  let left = looks;
  return { name: `${looks} looks`, more: () => --left > 0 };
}
