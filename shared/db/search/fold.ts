/**
 * What search compares instead of the text itself. It is Unicode's NFKC_Casefold (UAX #44, section 5.9): compatibility
 * forms, full case folding in every script and nothing that cannot be seen; and letters of the Latin script lose their
 * diacritics. Those of other scripts are letters of their own: й is not и.
 *
 * @example
 * fold("Überprüfung") // "uberprufung"
 * fold("ẞ İ ﬁ Ё ΟΔΟΣ ㌔ ﾊﾟ") // "ss i fi ё οδοσ キロ パ"
 */
export function fold(text: string): string {
  if (isPlain(text)) return text.toLowerCase();
  // The dotless i is the only letter that folds to itself although its capital folds to another.
  const folded = text.normalize("NFKC").split("ı").map(caseless).join("ı");
  const bare = folded.normalize("NFD").replace(diacritics, "$1").normalize("NFC");
  // At the end: they may part two runs of combining marks, and normalizing one long run takes quadratic time.
  return bare.replace(ignorable, "");
}

/** Whether SQLite's `lower` folds a text as {@link fold} does: tabs, line breaks and what ASCII can print. */
export function isPlain(text: string): boolean {
  return plain.test(text);
}

/**
 * A folded text with a space before each Han, Kana and Hangul character, and with another sign where a word begins behind
 * one of them, or behind a sign that is not ASCII. Each of them and each word then begins where an index of words sees
 * one begin (SQLite takes 🙂 for a letter), and two of them have three characters, so that an index of three characters
 * finds them. A spaced text contains another one if, and only if, it did before.
 *
 * @example spaced("v2の計画b 🙂c") // "v2 の 計 画\u2009b 🙂\u2009c"
 */
export function spaced(folded: string): string {
  if (isPlain(folded)) return folded;
  return folded.replace(ideograph, " $&").replace(hiddenBeginning, thinSpace);
}

/** No folded text has one: NFKC makes a space of it. */
const thinSpace = "\u2009";

const plain = /^[\t-~]*$/;
const ignorable = /\p{Default_Ignorable_Code_Point}+/gu;
const diacritics = /(\p{Script=Latin})\p{Mn}+/gu;
const ideographs = "(?=[\\p{L}\\p{N}])[\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Hangul}]";
const ideograph = new RegExp(ideographs, "gu");
const hiddenBeginning = new RegExp(`(?<=${ideographs}|[^\\p{ASCII}\\p{L}\\p{N}\\p{M}])(?=[\\p{L}\\p{N}])`, "gu");

/**
 * Full case folding. The way by the capitals brings together what has one capital (σ and ς, s and ſ) and takes apart ß; it
 * begins with small letters, for ẞ is a capital already. Only a final sigma is made anew at the end.
 */
function caseless(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
}
