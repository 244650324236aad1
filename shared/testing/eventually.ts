/** How long to wait for a condition. */
export interface EventuallyOptions {
  /** After how many milliseconds it has failed; 30,000 by default. For a promised time, use `looks` instead. */
  readonly within?: number;
  /**
   * How often to check at most, instead of a time ({@link LOOKS_IN_A_SECOND}). On a busy machine the checks are as slow as
   * what they wait for, so a promised time can be tested there as on an idle one.
   */
  readonly looks?: number;
  /** What is awaited, for the message of the error. */
  readonly what?: string;
}

/** How many checks, each with a request to a service, take about a second on an idle machine. */
export const LOOKS_IN_A_SECOND = 40;

/** After this many milliseconds it prints what is awaited, because the test runner's timeout may end the test first. */
const SAID_AFTER = 4_000;

type Held<T> = Exclude<T, false | null | undefined>;

const holds = <T>(value: T): value is Held<T> => value !== false && value !== null && value !== undefined;

/**
 * Waits until a condition holds, checking it every few milliseconds. It holds when it returns anything but false, null
 * or undefined and does not throw, so it may use `expect`.
 *
 * @returns what the condition returned
 * @throws Error when it did not hold in time, with the last error as its cause
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
