import { spoken } from "./spoken.ts";

/**
 * Letters that may stand right before an `@` in an e-mail address, or right after a name that goes on. Scripts that are
 * written without spaces around names are not among them.
 */
export const wordLike =
  "[[\\p{L}\\p{N}\\p{M}]--[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}]]";

/**
 * An `@` that addresses somebody. It does not come after a character that an e-mail address or a URL may have there, or a
 * backslash. Marks of emphasis before it are let through.
 */
const sign = new RegExp(`(?<!${wordLike}|[.%+\\-@\\/=&#$_*~\\\\])[_*~]*[@\uff20]`, "gv");

/** What a message says itself, and where in it names may begin: after each `@` that is not in code, quotes, addresses or URLs. */
export interface Places {
  readonly said: string;
  readonly starts: readonly number[];
}

/** Finds the places of a text where somebody may be addressed: people, everybody, and assistants alike. */
export function placesIn(content: string): Places {
  if (!/[@\uff20]/.test(content)) return { said: "", starts: [] };
  const said = spoken(content);
  return { said, starts: [...said.matchAll(sign)].map(({ 0: { length }, index }) => index + length) };
}
