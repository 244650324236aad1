import { describe, expect, test } from "bun:test";
import { raw, sql } from "@stoa/db";
import { temporaryDatabase } from "@stoa/testing";
import { caseless, emailKey, isPlain, notPlain, partsOfKey } from "./address-key.ts";

describe("one key for one mailbox", () => {
  test.each([
    ["another case", "Ana@Example.TEST", "ana@example.test"],
    ["another case that is not ASCII", "ÉLODIE@example.test", "élodie@example.test"],
    ["parts instead of one character", "e\u0301lodie@mu\u0308nchen.test", "élodie@münchen.test"],
    ["full width", "ａna@ｅxample.test", "ana@example.test"],
    ["punycode", "ana@XN--mnchen-3ya.test", "ana@MÜNCHEN.test"],
    ["full width among letters that are not ASCII", "ana@ｍünchen.test", "ana@xn--mnchen-3ya.test"],
    ["the dot of another script", "ana@mail。example.test", "ana@mail.example.test"],
    ["the Kelvin sign", "\u212Aim@example.test", "kim@example.test"],
    ["what nobody sees", "a\u200bna@exa\u00admple.test", "ana@example.test"],
    ["marks of direction", "\u202eana@example.test", "ana@example.test"],
    ["a small sigma at the end", "ΟΔΟΣ@example.test", "οδοσ@example.test"],
    ["right to left", "דנה@דוגמה.test", "דנה@xn--6dbbec0c.test"],
  ])("%s", (_, one, other) => {
    expect(emailKey(one)).toBe(emailKey(other));
  });
});

describe("two keys for two mailboxes", () => {
  test.each([
    ["an accent", "elodie@example.test", "élodie@example.test"],
    ["ß and ss, before the @ and in the domain", "strauß@straße.test", "strauss@strasse.test"],
    ["letters of two scripts that look alike", "ana@example.test", "аna@example.test"],
    ["a dotless i", "ilk@example.test", "ılk@example.test"],
    ["what follows a slash", "ana@é.test", "ana@é.test/x"],
    ["numbers that another notation would read as an address", "ana@0x7f.1", "ana@127.0.0.1"],
  ])("%s", (_, one, other) => {
    expect(emailKey(one)).not.toBe(emailKey(other));
  });
});

test("every character's key is its own key, and a domain that the DNS cannot have has one too", () => {
  for (let code = 0x21; code < 0x3_0000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const address = `a${String.fromCodePoint(code)}b@c${String.fromCodePoint(code)}d.test`;
    const key = emailKey(address);
    if (emailKey(key) !== key) throw new Error(`U+${code.toString(16)}: ${key}`);
  }
  expect(emailKey("ana@É.1")).toBe("ana@é.1");
});

test("a domain is found by a whole label in any spelling, a name by any part", () => {
  expect(partsOfKey("MÜNCHEN")).toEqual(["münchen", "xn--mnchen-3ya"]);
  expect(partsOfKey("Ana@MÜNCHEN.test")).toEqual(["ana@xn--mnchen-3ya.test"]);
  expect(partsOfKey("ANA")).toEqual(["ana"]);
});

test("SQL and TypeScript agree on what is plain, and SQL's lower makes the key of what is", async () => {
  await using stored = await temporaryDatabase("identity");
  for (const text of ["Ana", "a~ Z", "", "é", "\u212A", "a\u200b", "ａ", "\u{1f600}"]) {
    const [row] = await stored.db.query(sql`select ${text} ${raw(notPlain)} as folded, lower(${text}) as low`);
    expect(row?.["folded"]).toBe(isPlain(text) ? 0 : 1);
    if (isPlain(text)) expect(row?.["low"]).toBe(caseless(text));
  }
});
