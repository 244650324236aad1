/** A name as it is compared with others and with what stands after `@`: without regard to case. */
export function keyOfName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** Words after `@` that mean many people at once, so that no assistant is called by them. */
export const reservedNames: ReadonlySet<string> = new Set(["all", "channel", "everyone", "here"]);

/** Places with `@` that are looked at in a text, and code points that a name has at most. */
const MOST_PLACES = 50;
const LONGEST = 255;

/** Code blocks, code and quoted lines: what is said there is not said to anyone. */
const blocks = /```[\s\S]*?(?:```|$)/g;
const quoted = /`[^`\n]+`|^[ \t]*>.*$/gm;

/** An `@` that does not stand inside an e-mail address or a word. Some scripts have no spaces before it. */
const place = /(?<![[\p{L}\p{N}\p{M}._@\-]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]])@/gv;

/** Where a name can end: before a character that is none of a word. */
const ends = /(?=$|[^\p{L}\p{N}\p{M}_])/gu;

/**
 * Everything that a text may mention, as {@link keyOfName} gives it: after each `@` whatever ends where a word ends, since
 * a name may have spaces. Nothing in code, in quoted lines and in e-mail addresses is a mention.
 */
export function mentionedNames(text: string): readonly string[] {
  if (!text.includes("@")) return [];
  const said = text.replaceAll(blocks, "\n").replaceAll(quoted, "\n");
  const names = new Set<string>();
  for (const { index } of [...said.matchAll(place)].slice(0, MOST_PLACES)) {
    const [line = ""] = said.slice(index + 1).split("\n", 1);
    const after = [...line.slice(0, 2 * LONGEST)].slice(0, LONGEST).join("");
    for (const { index: end } of after.matchAll(ends)) {
      // A dot or a hyphen goes on a name that has a letter after it: `@ann.lee` does not mention `ann`.
      if (end > 0 && !/^[.-][\p{L}\p{N}]/u.test(after.slice(end, end + 3))) names.add(keyOfName(after.slice(0, end)));
    }
  }
  return [...names];
}
