import { describe, expect, test } from "bun:test";
import { fold } from "./fold.ts";
import { hitsIn } from "./hits.ts";

/** What of the text was found. */
const found = (text: string, q: string) => {
  const points = [...text];
  return hitsIn(text, q).map(({ offset, length }) => points.slice(offset, offset + length).join(""));
};

describe("where a text has what was looked for", () => {
  test.each([
    ["Seven herons by the weir", "HERON", ["heron"]],
    ["Seven herons by the weir", "ero", ["ero"]],
    ["weir, weir and Weir", "weir", ["weir", "weir", "Weir"]],
    ["weir and heron", "heron weir", ["weir", "heron"]],
    ["Die Überprüfung der Straße", "uberpruf strasse", ["Überprüf", "Straße"]],
    ["🙂🙂 weir", "weir", ["weir"]],
    ["🙂 Ünder 🙂", "und", ["Ünd"]],
    ["登录页面错误", "页面", ["页面"]],
    ["登录页面错误", "页", ["页"]],
    ["v2の計画b", "計画", ["計画"]],
    ["v2の計画b", "b", ["b"]],
    ["登\u3099b", "b", ["b"]],
    ["ﾊﾟｽﾜｰﾄﾞ", "パスワード", ["ﾊﾟｽﾜｰﾄﾞ"]],
    ["\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국", ["\u1112\u1161\u11ab\u1100\u116e\u11a8"]],
    ["ΟΔΟΣ", "οδος", ["ΟΔΟΣ"]],
    ["ﬁne", "fin", ["ﬁn"]],
    ["50% of 0%", "0%", ["0%", "0%"]],
    ["aboard a boat", "bo", ["bo"]],
    ["aaaa", "aaa", ["aaa"]],
    ["abcdef", "abc cde", ["abcde"]],
    ["soft\u00adware", "software", ["soft\u00adware"]],
    ["nothing", "weir", []],
  ])("%p has %p as %p", (text, q, parts) => {
    expect(found(text.normalize("NFC"), q)).toEqual(parts.map((part) => part.normalize("NFC")));
  });

  test("is said of no more than a hundred", () => {
    expect(hitsIn("weir ".repeat(500), "weir")).toHaveLength(100);
  });

  test("folds to the word, on random texts of many scripts", () => {
    const pieces = [..."aeEISsß ÉİıøёЙΣς登录のカｶﾞー한🙂%_-.", "e\u0301", "\u200b", " ", "\n"];
    let state = 5;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let n = 0; n < 3_000; n++) {
      const text = Array.from({ length: 30 }, () => pieces[random(pieces.length)])
        .join("")
        .normalize("NFC");
      const letters = [...text];
      const at = random(25);
      const q = letters.slice(at, at + 3 + random(4)).join("");
      const word = fold(q);
      if (/\s/u.test(word) || [...word].length < 3) continue;
      const hits = found(text, q);
      expect([text, q, hits.length > 0]).toEqual([text, q, fold(text).includes(word)]);
      for (const part of hits) expect([text, q, part, fold(part).includes(word)]).toEqual([text, q, part, true]);
    }
  });
});
