/** How long and how often to measure. */
export interface Settings {
  /** How long one round of one side takes. */
  readonly seconds: number;
  /** How many rounds each side has; their median is reported. */
  readonly rounds: number;
  /** The share of the rows, trials and sessions of each measurement: 1 for all, 0.1 for a tenth. */
  readonly scale: number;
  /** A folder where what takes long to make is kept for later runs. */
  readonly keep?: string | undefined;
}

/** One line of the table. */
export interface Result {
  readonly name: string;
  /** Our rate divided by the rate that it is compared with, in the same run; null when nothing is compared. */
  readonly ratio: number | null;
  /** The measured numbers, such as rates a second or milliseconds. */
  readonly numbers: Readonly<Record<string, number>>;
  /** What must hold, such as `ratio >= 0.6`; null when nothing is required. */
  readonly bound: string | null;
  readonly met: boolean | null;
}

/** A measurement; each is in a file of its own. */
export interface Measurement {
  readonly name: string;
  /** What it measures, in one line. */
  readonly about: string;
  run(settings: Settings): Promise<Result[]>;
}

/** How many of `whole` things to measure at this scale, at least `least`. */
export function scaled(settings: Settings, whole: number, least = 1): number {
  return Math.max(least, Math.round(whole * settings.scale));
}

/** A result whose ratio must reach a bound. */
export function atLeast(bound: number, name: string, ratio: number, numbers: Result["numbers"]): Result {
  return { name, ratio, numbers, bound: `ratio >= ${bound}`, met: ratio >= bound };
}

/** A result with a number that must not exceed a bound, or must reach it. */
export function within(
  name: string,
  numbers: Result["numbers"],
  member: string,
  comparison: "<=" | ">=",
  bound: number,
): Result {
  const value = numbers[member] ?? Number.NaN;
  const met = comparison === "<=" ? value <= bound : value >= bound;
  return { name, ratio: null, numbers, bound: `${member} ${comparison} ${bound}`, met };
}

/** The CPU time of a bare server that reads a page of 20 tasks, where the goals for CPU times were set; milliseconds. */
const BARE_MS = 0.19;

/**
 * The server's CPU time for something, such as a request, which must not exceed a goal. The goals are of one machine, and how fast this one
 * is a bare server says that ran beside it: the bound is a multiple of its CPU time.
 *
 * @param goal_ms where a bare server takes {@link BARE_MS}
 * @param bare_read_ms what the bare server takes here
 * @param others numbers without a bound
 */
export function cpuWithin(
  goal_ms: number,
  name: string,
  cpu_ms: number,
  bare_read_ms: number,
  others: Result["numbers"] = {},
): Result {
  const numbers = { cpu_ms, bare_read_ms, of_bare_read: cpu_ms / bare_read_ms, ...others };
  const bound = Math.round((goal_ms / BARE_MS) * 100) / 100;
  return within(`CPU of ${name}`, numbers, "of_bare_read", "<=", bound);
}

/** A result without a bound. */
export function withoutBound(name: string, numbers: Result["numbers"], ratio: number | null = null): Result {
  return { name, ratio, numbers, bound: null, met: null };
}
