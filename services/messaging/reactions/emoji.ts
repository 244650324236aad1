import { StoaError } from "@stoa/errors";

/** Longer than every emoji there is, in code units: nothing longer is looked at. */
const LONGEST = 64;

/** One emoji of those that are recommended for general interchange. */
const emoji = /^\p{RGI_Emoji}$/v;

/** An emoji that is shown as text unless a variation selector, or a skin tone, follows it. */
const textual = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu;

/** The variation selectors: 15 asks for text, 16 for an emoji. */
const selectors = /[\u{FE0E}\u{FE0F}]/gu;

/**
 * The fully-qualified form of an emoji, so that ❤ and ❤️ are one; undefined for what is none. It is one of the set that is
 * recommended for general interchange, as the runtime's version of Unicode knows it.
 *
 * Source: UTS #51, definitions ED-18a (fully-qualified emoji) and ED-27 (RGI emoji set).
 */
export function emojiOf(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  const qualified = text.normalize("NFC").replaceAll(selectors, "").replaceAll(textual, "$&\u{FE0F}");
  return emoji.test(qualified) ? qualified : undefined;
}

/** An emoji of a path, in its fully-qualified form. @throws StoaError `validation_failed` */
export function requireEmoji(text: string): string {
  const found = emojiOf(text);
  if (found !== undefined) return found;
  throw new StoaError("validation_failed", { errors: [{ path: "/path/emoji", message: "This is not an emoji." }] });
}
