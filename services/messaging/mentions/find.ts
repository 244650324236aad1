import { placesIn, wordLike } from "./places.ts";

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

/** A username, where nothing follows that would go on it, nor an `@`, as in an address of the fediverse. */
const username = new RegExp(`[A-Za-z0-9][A-Za-z0-9._\\-]*(?!${wordLike}|[@._\\-])`, "vy");

const SHORTEST = 3;
const LONGEST = 50;

/** Finds whom a message addresses. There is nobody in code, in quotes, in e-mail addresses and in URLs. */
export function findAddressed(content: string): Addressed {
  const { said, starts } = placesIn(content);
  const names = new Map<string, readonly string[]>();
  let all = false;
  for (const start of starts) {
    username.lastIndex = start;
    const written = username.exec(said)?.[0].toLowerCase() ?? "";
    const bare = written.replace(/[._-]+$/, "");
    if (bare === "all") all = true;
    const possible = [...new Set([written, written.slice(0, -1), bare])].filter(
      (name) => name.length >= Math.max(SHORTEST, bare.length) && name.length <= LONGEST,
    );
    if (possible.length > 0) names.set(possible.join(" "), possible);
  }
  return { all, names: [...names.values()] };
}
