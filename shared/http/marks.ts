/**
 * How many combining marks may follow each other. Real text has far fewer, and the cost of Unicode normalization grows
 * with the square of a run's length.
 *
 * Source: UAX #15, section 13 (Stream-Safe Text Format).
 */
export const MOST_MARKS = 30;

/** The sentence for a text that has more. */
export const tooManyMarks = `Text must not have more than ${MOST_MARKS} combining marks in a row.`;

/**
 * Whether a text has a run of more than {@link MOST_MARKS} combining marks. It must be asked before a text is normalized.
 *
 * It looks at every 31st code unit only, because a longer run cannot fit between two of them, and around those that
 * belong to a mark. So the time is linear in the length, and most of a text is never looked at.
 */
export function hasLongRun(text: string): boolean {
  const stride = MOST_MARKS + 1;
  for (let at = stride - 1; at < text.length; at += stride) {
    if (!isMarkAt(text, at)) continue;
    let start = at;
    while (start > 0 && isMarkAt(text, start - 1)) start--;
    let end = at + 1;
    while (end < text.length && isMarkAt(text, end)) end++;
    // A mark beyond the BMP is two code units.
    if (end - start > MOST_MARKS && [...text.slice(start, Math.min(end, start + 2 * stride))].length > MOST_MARKS)
      return true;
    // The run ends at `end`, so the next one that is too long reaches past this place.
    at = end;
  }
  return false;
}

/** A text without the marks that are beyond {@link MOST_MARKS} in a row, for what comes from elsewhere and is not refused. */
export function withoutLongRuns(text: string): string {
  return hasLongRun(text) ? text.replaceAll(longRun, "$1") : text;
}

const longRun = new RegExp(`(\\p{M}{${MOST_MARKS}})\\p{M}+`, "gu");

/** Whether the code unit at a place belongs to a combining mark (General_Category M). */
function isMarkAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  // The first combining mark is U+0300.
  if (unit < 0x300) return false;
  const low = unit >= 0xdc00 && unit <= 0xdfff;
  return isMark(text.codePointAt(low ? at - 1 : at) ?? 0);
}

/** For each page of 256 code points that was met: which of them are marks. */
const pages = new Map<number, Uint8Array>();

function isMark(code: number): boolean {
  const number = code >> 8;
  let page = pages.get(number);
  if (!page) {
    page = Uint8Array.from({ length: 256 }, (_, low) =>
      /\p{M}/u.test(String.fromCodePoint((number << 8) | low)) ? 1 : 0,
    );
    pages.set(number, page);
  }
  return page[code & 0xff] === 1;
}
