import { describe, expect, test } from "bun:test";
import { fold, spaced } from "./fold.ts";

describe("fold", () => {
  test.each([
    ["ASCII", "Fix the LOGIN page, 100%\n", "fix the login page, 100%\n"],
    ["ß and its capital, as full case folding has them", "Straße STRASSE GROẞ", "strasse strasse gross"],
    ["the Turkish letters", "İstanbul Isparta ısı", "istanbul isparta ısı"],
    ["the final sigma", "ΟΔΟΣ Σίσυφος ς", "οδοσ σίσυφοσ σ"],
    ["Cyrillic, whose letters with a sign are letters of their own", "ЁЛКА Йод Ї", "ёлка йод ї"],
    ["diacritics of Latin letters, composed or not", "École U\u0308ber Ệ å ẛ", "ecole uber e a s"],
    ["signs of other scripts stay", "Ά हिन्दी שָׁלוֹם", "ά हिन्दी שָׁלוֹם".normalize("NFC")],
    ["what has no decomposition stays", "Łódź Øre đ æ", "łodz øre đ æ"],
    ["compatibility forms", "ﬁn ＡＢＣ ① ㎏ ﾊﾟﾝ ㍿", "fin abc 1 kg パン 株式会社"],
    ["what cannot be seen", "soft\u00adware zero\u200bwidth a\u200d葛\u{e0100}", "software zerowidth a葛"],
    ["spaces of every kind", "a\u00a0b\u3000c", "a b c"],
    ["Cherokee, Armenian, Georgian, Deseret", "ᏣᎳᎩ ꮳꮃꭹ ԵՒ և Ა 𐐀", fold("ꮳꮃꭹ ᏣᎳᎩ եւ եւ ა 𐐨")],
  ])("%s", (_, text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test("takes no more time for marks that only something invisible parts than for letters", () => {
    const marks = `${"\u0316\u0301".repeat(15)}\u200d`.repeat(2_000);
    const took = (text: string) => {
      const { user } = process.cpuUsage();
      fold(text);
      return process.cpuUsage().user - user;
    };
    fold("é");
    expect(took(marks)).toBeLessThan(50 * Math.max(1_000, took("é".repeat(marks.length))));
  });

  test("is the same for both cases of every letter, and folding again changes nothing", () => {
    const wrong: string[] = [];
    for (let code = 0x20; code < 0x20000; code++) {
      const letter = code >= 0xd800 && code < 0xe000 ? "" : String.fromCodePoint(code);
      if (!/[\p{L}\p{M}\p{N}\p{S}]/u.test(letter)) continue;
      const same = new RegExp(`^${letter.replace(/[$^+|]/, "\\$&")}$`, "iu");
      for (const other of [letter.toLowerCase(), letter.toUpperCase()]) {
        if (same.test(other) && fold(other) !== fold(letter)) wrong.push(`${letter} and ${other}`);
      }
      if (fold(fold(letter)) !== fold(letter)) wrong.push(`${letter} twice`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("spaced", () => {
  test.each([
    ["nothing in ASCII", "fix v2 (now)", "fix v2 (now)"],
    ["nothing in other alphabets", "ёлка überall", "ёлка überall"],
    ["a space before each Han, Kana and Hangul character", "登录ページ한글", " 登 录 ペ ー ジ 한 글"],
    ["a sign before what follows one", "v2の計画b 級 c", "v2 の 計 画\u2009b  級 c"],
    ["none before signs", "計画。次", " 計 画。 次"],
    ["a sign where a word begins behind one", "🙂ok «c» (d)", "🙂\u2009ok «\u2009c» (d)"],
  ])("%s", (_, text, expected) => {
    expect(spaced(text)).toBe(expected);
  });

  test("what contains what stays as it was, whatever stands between the characters", () => {
    const signs = ["級", "計", "a", "é", " ", "。", "("];
    const texts = [""];
    for (let n = 0; n < 4; n++) texts.push(...texts.flatMap((text) => signs.map((sign) => text + sign)));
    const some = [...new Set(texts)].filter((text) => text.length <= 4);
    const words = some.filter((text) => text.length > 0 && text.length <= 3 && !/\s/.test(text));
    const wrong = words.flatMap((word) =>
      some.filter((text) => text.includes(word) !== spaced(text).includes(spaced(word))).map((text) => [text, word]),
    );
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});
