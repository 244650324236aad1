import { fold } from "../fold.ts";

/** What a comparison works on. */
export interface Comparison {
  readonly searches: number;
  readonly texts: number;
  /** Makes the same texts and searches again. */
  readonly seed?: number;
  /** Stores texts, each with a title that no other has. */
  readonly write: (texts: readonly (readonly [title: string, body: string])[]) => Promise<unknown>;
  /** The titles that a search finds, newest first. */
  readonly find: (q: string) => Promise<readonly string[]>;
}

/**
 * Compares a search with a slow reading of all texts, on random ones of many scripts.
 *
 * @returns the searches that differ
 */
export async function disagreements({ searches, texts, seed = 1, write, find }: Comparison): Promise<object[]> {
  const random = numbers(seed);
  const stored = Array.from(
    { length: texts },
    (_, n) => [`${n} ${textOf(random).replaceAll("\n", " ")}`.trim(), textOf(random).trim()] as const,
  );
  await write(stored);
  const wrong: object[] = [];
  for (let n = 0; n < searches; n++) {
    const q = queryOf(random, stored);
    const found = await find(q);
    const expected = stored
      .filter((text) => holds(text, q))
      .map(([title]) => title)
      .reverse();
    const missing = expected.filter((title) => !found.includes(title));
    const surplus = found.filter((title) => !expected.includes(title));
    if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push({ q, missing, surplus });
  }
  return wrong;
}

/** What search means, read slowly: each word is there, in three characters and more anywhere, else at a word's beginning. */
function holds(parts: readonly string[], q: string): boolean {
  const text = parts.map(fold).join("\n");
  return fold(q)
    .split(/\s+/u)
    .filter((word) => word !== "")
    .every((word) => {
      const short = [...word].length < 3 && !cjk.test(word) && /^[\p{L}\p{N}]+$/u.test(word);
      return short ? (text.match(words) ?? []).some((other) => other.startsWith(word)) : text.includes(word);
    });
}

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]/u;
const words = new RegExp(
  `${cjk.source}|(?:(?!${cjk.source})[\\p{L}\\p{N}])(?:(?!${cjk.source})[\\p{L}\\p{N}\\u0300-\\u0331])*`,
  "gu",
);

const pieces = [
  ..."aabeEiILlnorsstuü ÉßẞİıøŁ  ёЁЖйЙ ΣςσάΩ 登录页面错误検索の計画カナｶﾞー한국어  012 ''\"\"**()-^:%_&.,。「」🙂",
  "ﬁ",
  "e\u0301",
  "\u00a0",
  "\u200b",
  " the ",
  " Login ",
  " straße ",
  "\n",
];

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

function textOf(random: () => number): string {
  // As the API stores texts.
  const letters = Array.from({ length: 2 + Math.floor(random() * 25) }, () => pick(random, pieces));
  return letters.join("").normalize("NFC");
}

/** Most searches are for a part of some text, in another case; some for two parts, some for anything. */
function queryOf(random: () => number, stored: readonly (readonly string[])[]): string {
  const part = () => {
    const letters = [...pick(random, pick(random, stored))];
    const at = Math.floor(random() * letters.length);
    const cut = letters.slice(at, at + 1 + Math.floor(random() * 6)).join("");
    return random() < 0.5 ? cut.toUpperCase() : cut;
  };
  const kind = random();
  const q = kind < 0.6 ? part() : kind < 0.85 ? `${part()} ${part()}` : [...textOf(random)].slice(0, 4).join("");
  // A query is one line in which something can be seen.
  return !/[\p{L}\p{N}\p{P}\p{S}]/u.test(fold(q)) ? "a" : q.replaceAll("\n", " ");
}

/** Random numbers that can be made again (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
