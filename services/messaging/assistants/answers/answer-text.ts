import { MOST_MARKS } from "@stoa/http/marks";

/** Code points of a message at most. */
export const LONGEST_ANSWER = 16_000;

/** Characters that no message has: controls other than tabs and line breaks, and halves of characters without the other. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
const refused = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/**
 * The text of an answer while it arrives in pieces. What a message must not have is left out: control characters, and
 * combining marks beyond those that a reader can bear. A character that is cut between two pieces is put together.
 */
export class AnswerText {
  #pending = "";
  #half = "";
  #length = 0;
  #marks = 0;
  #whole = "";

  /** Whether nothing more fits. */
  get full(): boolean {
    return this.#length >= LONGEST_ANSWER;
  }

  /** All that has been added. */
  get whole(): string {
    return this.#whole;
  }

  /** Adds a piece, as far as it fits. */
  add(piece: string): void {
    let text = this.#half + piece;
    this.#half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
    text = text
      .slice(0, text.length - this.#half.length)
      .toWellFormed()
      .replaceAll(refused, "");
    for (const character of text) {
      if (this.full) return;
      this.#marks = /\p{M}/u.test(character) ? this.#marks + 1 : 0;
      if (this.#marks > MOST_MARKS) continue;
      this.#pending += character;
      this.#whole += character;
      this.#length++;
    }
  }

  /** Takes what has been added since the last time. */
  take(): string {
    const taken = this.#pending;
    this.#pending = "";
    return taken;
  }

  /** Puts back what could not be stored. */
  giveBack(taken: string): void {
    this.#pending = taken + this.#pending;
  }
}
