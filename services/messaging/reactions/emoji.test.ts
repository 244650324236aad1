import { describe, expect, test } from "bun:test";
import { emojiOf } from "./emoji.ts";

describe("an emoji", () => {
  test.each([
    ["❤", "❤️"],
    ["❤️", "❤️"],
    ["❤\u{FE0E}", "❤️"],
    ["👍", "👍"],
    ["👍\u{FE0F}", "👍"],
    ["👍🏽", "👍🏽"],
    ["☝🏻", "☝🏻"],
    ["1\u{20E3}", "1️⃣"],
    ["🇩🇪", "🇩🇪"],
    ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
    ["👁\u{200D}🗨", "👁️‍🗨️"],
    ["👩‍👩‍👧", "👩‍👩‍👧"],
    ["🕵🏻\u{200D}♂", "🕵🏻‍♂️"],
    ["©", "©️"],
  ])("%p is %p", (given, qualified) => {
    expect(emojiOf(given)).toBe(qualified);
    expect(emojiOf(qualified)).toBe(qualified);
  });

  test.each(["", "a", "1", "#", "👍👍", "👍 ", "a👍", "\u{FE0F}", "🏽👍", "🇩", ":+1:", "thumbsup"])(
    "%p is none",
    (given) => {
      expect(emojiOf(given)).toBeUndefined();
    },
  );

  test("a long text is none, and is not looked at", () => {
    expect(emojiOf("👍".repeat(100_000))).toBeUndefined();
  });
});
