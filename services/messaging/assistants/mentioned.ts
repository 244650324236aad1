import { placesIn } from "../mentions/places.ts";

/** A name as it is compared with others and with what stands after `@`: without regard to case. */
export function keyOfName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** Words after `@` that mean many people at once, so that no assistant is called by them. */
export const reservedNames: ReadonlySet<string> = new Set(["all", "channel", "everyone", "here"]);

/** Places with `@` that are looked at in a text, and code points that a name has at most. */
const MOST_PLACES = 50;
const LONGEST = 255;

/** Where a name can end: before a character that is none of a word. */
const ends = /(?=$|[^\p{L}\p{N}\p{M}_])/gu;

/**
 * Every name of an assistant that a text may mention, as {@link keyOfName} gives it. It addresses them where it could address
 * people, but their names may have spaces and letters of any script: after each `@` whatever ends where a word ends.
 */
export function mentionedNames(text: string): readonly string[] {
  const { said, starts } = placesIn(text);
  const names = new Set<string>();
  for (const start of starts.slice(0, MOST_PLACES)) {
    const [line = ""] = said.slice(start, start + 2 * LONGEST).split("\n", 1);
    const after = [...line].slice(0, LONGEST).join("");
    for (const { index: end } of after.matchAll(ends)) {
      // A dot, a hyphen or an `@` goes on a name that has a letter after it: `@ann.lee` does not mention `ann`.
      if (end === 0 || /^[.@-][\p{L}\p{N}]/u.test(after.slice(end, end + 3))) continue;
      const name = keyOfName(after.slice(0, end));
      names.add(name).add(name.replace(/[_*~]+$/, ""));
    }
  }
  names.delete("");
  return [...names];
}
