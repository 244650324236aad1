import { expect, test } from "bun:test";
import { defused } from "./defuse.ts";

test.each([
  [
    "Your mailbox is full. Renew it at https://evil.example/renew?a=1",
    "Your mailbox is full. Renew it at https evil example renew?a=1",
  ],
  ["www.evil.example", "www evil example"],
  ["ｅvil．example", "evil example"],
  ["evil。example", "evil example"],
  ["mail me@evil.example", "mail me evil example"],
  ["Line\r\nBcc: all", "Line Bcc: all"],
  ["xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd xn--p1ai"],
  ["St. Mary's, Inc.", "St. Mary's, Inc."],
  ["Müller & Söhne", "Müller & Söhne"],
])("%s becomes %s", (name, shown) => {
  expect(defused(name)).toBe(shown);
});

test("a long name is cut", () => {
  expect(defused("a".repeat(200))).toBe(`${"a".repeat(80)}…`);
});
