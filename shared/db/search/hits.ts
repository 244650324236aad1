import { fold, isPlain, spaced } from "./fold.ts";
import { wordsIn } from "./terms.ts";

/** Where a text has what was looked for, in code points. */
export interface Hit {
  readonly offset: number;
  readonly length: number;
}

/** Hits of one text: more help nobody. */
const MOST = 100;

/**
 * Where a text has the words of a search, in the order of the text; what overlaps or touches is one. It looks as the index
 * does: for three characters and more anywhere, for fewer where words begin.
 *
 * @example hitsIn("Die Überprüfung", "uber") // [{ offset: 4, length: 4 }]
 */
export function hitsIn(text: string, q: string): Hit[] {
  const map = mapOf(text);
  const found = wordsIn(q).flatMap((word) => [...placesOf(map.spaced, word)]);
  const ranges: [from: number, to: number][] = [];
  for (const [from, to] of found.toSorted(([a], [b]) => a - b)) {
    const [begin, end] = [map.starts[from] ?? 0, map.ends[to - 1] ?? text.length];
    const last = ranges.at(-1);
    if (last && begin <= last[1]) last[1] = Math.max(last[1], end);
    else ranges.push([begin, end]);
  }
  return inCodePoints(text, ranges.slice(0, MOST));
}

/** Whether a spaced text has a folded word, as the index sees it. */
export function holds(text: string, word: string): boolean {
  return !placesOf(text, word).next().done;
}

/** Where a word stands in a spaced text, without the space before it. */
function* placesOf(text: string, word: string): Generator<readonly [from: number, to: number]> {
  const looked = spaced(word);
  const short = [...looked].length < 3 && /^[\p{L}\p{N}]+$/u.test(looked);
  // What is short and all letters and digits needs no escape. Of the marks, only these are a part of a word for SQLite.
  if (short) {
    const beginnings = new RegExp(`(?<![\\p{L}\\p{N}][\\u0300-\\u0331]*)${looked}`, "gu");
    for (const { index } of text.matchAll(beginnings)) yield [index, index + looked.length];
    return;
  }
  const skipped = looked.length - looked.trimStart().length;
  for (let at = text.indexOf(looked); at !== -1; at = text.indexOf(looked, at + looked.length)) {
    yield [at + skipped, at + looked.length];
  }
}

/** A text as it is looked at, and where each of its units comes from in the text as it is. */
interface FoldedMap {
  readonly spaced: string;
  /** Where in the text what a unit stands for begins, and where it ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const clusters = /\P{M}[\p{M}\p{Default_Ignorable_Code_Point}]*|[\p{M}\p{Default_Ignorable_Code_Point}]+/gsu;

function mapOf(text: string): FoldedMap {
  if (isPlain(text)) {
    const starts = Array.from(text, (_, index) => index);
    return { spaced: text.toLowerCase(), starts, ends: starts.map((index) => index + 1) };
  }
  const whole = fold(text);
  const starts: number[] = [];
  const ends: number[] = [];
  // Letters that fold to one sign together, such as those of a Korean syllable, are taken together.
  let taken = "";
  let begin = 0;
  for (const { 0: cluster, index } of text.matchAll(clusters)) {
    if (taken === "") begin = index;
    taken += cluster;
    const folded = fold(taken);
    if (!whole.startsWith(folded, starts.length)) continue;
    for (let unit = 0; unit < folded.length; unit++) {
      starts.push(begin);
      ends.push(begin + taken.length);
    }
    taken = "";
  }
  // What cannot be told apart is one.
  while (starts.length < whole.length) {
    starts.push(begin);
    ends.push(text.length);
  }
  return withSpaces(whole, starts, ends);
}

/** `spaced` only puts signs between others: they belong to what follows. */
function withSpaces(folded: string, starts: readonly number[], ends: readonly number[]): FoldedMap {
  const text = spaced(folded);
  const [begins, finishes]: [number[], number[]] = [[], []];
  let at = 0;
  for (const unit of text.split("")) {
    begins.push(starts[at] ?? 0);
    finishes.push(ends[at] ?? 0);
    if (unit === folded[at]) at++;
  }
  return { spaced: text, starts: begins, ends: finishes };
}

function inCodePoints(text: string, ranges: readonly (readonly [from: number, to: number])[]): Hit[] {
  let [at, points] = [0, 0];
  const pointsTo = (end: number) => {
    points += [...text.slice(at, end)].length;
    at = end;
    return points;
  };
  return ranges.map(([from, to]) => {
    const offset = pointsTo(from);
    return { offset, length: pointsTo(to) - offset };
  });
}
