import { fold, spaced } from "./fold.ts";

/** How words are looked for. All must be there. */
export interface Terms {
  /** Three characters and more, wherever they stand: an FTS5 expression. */
  readonly substrings: string | undefined;
  /** What words begin with: an FTS5 expression. */
  readonly words: string | undefined;
  /** One or two characters that are not all letters and digits, such as `0%`: no index has them. */
  readonly elsewhere: readonly string[];
  /** About how many entries of an index are compared for a row. */
  readonly weight: number;
}

/** What it costs to look at a whole text, beside an entry of an index. */
const LOOK = 100;

/** The words of a text, folded, each once. */
export function wordsIn(text: string): string[] {
  const words = fold(text).split(/\s+/u);
  return [...new Set(words.filter((word) => word !== ""))];
}

/**
 * How folded words are looked for. A space stands before each Han, Kana and Hangul character, so that one of them is what
 * a word begins with, and two have three characters and more.
 */
export function termsOf(words: readonly string[]): Terms {
  const [long, short, elsewhere]: [string[], string[], string[]] = [[], [], []];
  for (const word of words) {
    const text = spaced(word);
    if ([...text].length >= 3) long.push(text);
    else if (/^[\p{L}\p{N}]+$/u.test(word)) short.push(word);
    else elsewhere.push(word);
  }
  return {
    substrings: long.length === 0 ? undefined : long.map(quoted).join(" "),
    words: short.length === 0 ? undefined : short.map((word) => `${quoted(word)} *`).join(" "),
    elsewhere,
    weight: long.reduce((sum, word) => sum + word.length - 2, short.length + elsewhere.length * LOOK),
  };
}

/** As a string of FTS5's query syntax: nothing in it is an operator. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
