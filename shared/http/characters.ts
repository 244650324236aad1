/** C0 and C1 controls and DEL: what a text of one line must not have. */
const controls = /\p{Cc}/u;

/** The same without tab, line feed and carriage return, which a text of several lines may have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
export const controlsButLines = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/**
 * A character that leaves something to be seen. Spaces, combining marks on their own, format characters (zero-width
 * ones, bidirectional overrides), fillers and the blank Braille pattern leave nothing.
 */
export const visible = /[^\p{Z}\p{M}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** What a text field says of the characters it takes. */
export interface CharacterRules {
  readonly verbatim?: boolean;
  readonly untrimmed?: boolean;
  readonly lines?: boolean;
  readonly minLength: number;
}

/**
 * The sentence for a text with characters that its field does not take; undefined for a good one.
 *
 * A control character takes six bytes in JSON, so that texts without them also stay within what a journal row takes.
 */
export function characterFault(rules: CharacterRules, text: string): string | undefined {
  const { verbatim, untrimmed, lines, minLength } = rules;
  if (verbatim) return undefined;
  if (lines && controlsButLines.test(text)) {
    return "This must not contain control characters other than tabs and line breaks.";
  }
  if (!lines && controls.test(text)) return "This must be one line without control characters.";
  if (lines && !untrimmed) return undefined;
  if (minLength > 0 && text !== "" && !visible.test(text)) return "This must have a visible character.";
  return undefined;
}
