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
  const shown = text.normalize("NFKC").replace(ignorable, "");
  // The dotless i is the only letter that folds to itself although its capital folds to another.
  const folded = shown.split("ı").map(caseless).join("ı");
  return folded.normalize("NFD").replace(diacritics, "$1").normalize("NFC");
}

/** Whether SQLite's `lower` folds a text as {@link fold} does: tabs, line breaks and what ASCII can print. */
export function isPlain(text: string): boolean {
  return plain.test(text);
}

/**
 * A folded text with a space before each Han, Kana and Hangul character. Each then begins a word, so that an index of
 * words finds it, and a text with one is longer by one, so that an index of three characters finds two of them. No text
 * contains another spaced text that it did not contain before.
 *
 * @example spaced("v2の計画") // "v2 の 計 画"
 */
export function spaced(folded: string): string {
  return isPlain(folded) ? folded : folded.replace(ideograph, " $&");
}

const plain = /^[\t-~]*$/;
const ignorable = /\p{Default_Ignorable_Code_Point}+/gu;
const diacritics = /(\p{Script=Latin})\p{Mn}+/gu;
const ideograph = /(?=[\p{L}\p{N}])[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/gu;

/**
 * Full case folding. The way by the capitals brings together what has one capital (σ and ς, s and ſ) and takes apart ß; it
 * begins with small letters, for ẞ is a capital already. Only a final sigma is made anew at the end.
 */
function caseless(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
}
