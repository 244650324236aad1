import { spoken } from "./spoken.ts";

/** Whom a message addresses, as it is written: who they are, and whether they take part, only the database knows. */
export interface Addressed {
  /** Everybody, by `@all`. */
  readonly all: boolean;
  /**
   * For each `@…` the usernames that it may be, in lower case: a username may end with a dot, and so may the sentence. The
   * longest that somebody has is meant.
   */
  readonly names: readonly (readonly string[])[];
}

/**
 * Letters that may stand right before an `@` in an e-mail address, or right after a name that goes on. Scripts that are
 * written without spaces are not among them.
 */
const wordLike = "[[\\p{L}\\p{N}\\p{M}]--[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}]]";

/**
 * `@` and a name. Neither comes it after a character that an e-mail address or a URL may have there, nor does `@` follow
 * it, as in an address of the fediverse. Marks of emphasis around it are let through.
 */
const address = new RegExp(
  `(?<!${wordLike}|[.%+\\-@\\/=&#$_*~\\\\])[_*~]*[@\uff20](?<name>[A-Za-z0-9][A-Za-z0-9._\\-]*)(?!${wordLike}|[@._\\-])`,
  "gv",
);

const SHORTEST = 3;
const LONGEST = 50;

/** Finds whom a message addresses. There is nobody in code, in quotes, in e-mail addresses and in URLs. */
export function findAddressed(content: string): Addressed {
  if (!/[@\uff20]/.test(content)) return { all: false, names: [] };
  const names = new Map<string, readonly string[]>();
  let all = false;
  for (const { groups } of spoken(content).matchAll(address)) {
    const written = (groups?.["name"] ?? "").toLowerCase();
    const bare = written.replace(/[._-]+$/, "");
    if (bare === "all") all = true;
    const possible = [...new Set([written, written.slice(0, -1), bare])].filter(
      (name) => name.length >= Math.max(SHORTEST, bare.length) && name.length <= LONGEST,
    );
    if (possible.length > 0) names.set(possible.join(" "), possible);
  }
  return { all, names: [...names.values()] };
}
