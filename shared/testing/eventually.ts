/** How long to wait for a condition. */
export interface EventuallyOptions {
  /** After how many milliseconds it has failed; 2,000 by default. */
  readonly within?: number;
  /** What is awaited, for the message of the error. */
  readonly what?: string;
}

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
  const within = options.within ?? 2_000;
  const end = performance.now() + within;
  let last: unknown;
  for (let pause = 1; ; pause = Math.min(pause * 2, 25)) {
    try {
      const value = await condition();
      if (holds(value)) return value;
      last = `it was ${String(value)}`;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(`${options.what ?? "The condition"} did not hold within ${within} ms: ${reason}`, { cause: last });
}
