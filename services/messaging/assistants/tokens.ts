/** Tokens of what a model is told at most: instructions and messages. */
export const MOST_CONTEXT_TOKENS = 8_000;

/** Tokens of an answer at most; more would not fit into a message. */
export const LONGEST_ANSWER_TOKENS = 4_096;

/** What each message of a conversation costs besides its text. */
export const MESSAGE_TOKENS = 4;

/**
 * About how many tokens a text has. Every model counts in its own way, so this is an estimate: four ASCII characters are
 * a token, and every other code point is one. It rather counts too many than too few.
 */
export function tokensOf(text: string): number {
  let ascii = 0;
  let others = 0;
  for (const character of text) {
    if (character < "\u0080") ascii++;
    else others++;
  }
  return Math.ceil(ascii / 4) + others;
}
