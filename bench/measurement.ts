/** How long and how often is measured. */
export interface Settings {
  /** Seconds of one round of one side. */
  readonly seconds: number;
  /** Rounds of each side; the median of them is told. */
  readonly rounds: number;
  /** A tenth, say, of the rows, trials and sessions that a measurement is made for; 1 for all. */
  readonly scale: number;
}

/** One line of the table. */
export interface Result {
  readonly name: string;
  /** Of ours to what it is measured against, within one run; null where there is nothing to measure against. */
  readonly ratio: number | null;
  /** What the ratio was made of, or the measure itself: rates a second, milliseconds. */
  readonly numbers: Readonly<Record<string, number>>;
  /** What must hold, in words: `ratio >= 0.6`; null where nothing is promised. */
  readonly bound: string | null;
  readonly met: boolean | null;
}

/** A measurement: one file each. */
export interface Measurement {
  readonly name: string;
  /** What it finds out, in one line. */
  readonly about: string;
  run(settings: Settings): Promise<Result[]>;
}

/** So many of something that a measurement is made for, at this scale: at least `least`. */
export function scaled(settings: Settings, whole: number, least = 1): number {
  return Math.max(least, Math.round(whole * settings.scale));
}

/** A result whose ratio must reach a bound. */
export function atLeast(bound: number, name: string, ratio: number, numbers: Result["numbers"]): Result {
  return { name, ratio, numbers, bound: `ratio >= ${bound}`, met: ratio >= bound };
}

/** A result with a measure that must stay below a bound, or reach it. */
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

/** A result that promises nothing. */
export function told(name: string, numbers: Result["numbers"], ratio: number | null = null): Result {
  return { name, ratio, numbers, bound: null, met: null };
}
