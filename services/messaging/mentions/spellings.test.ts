import { expect, test } from "bun:test";
import { findAddressed } from "./find.ts";

/** As a body is read: in NFC. */
const addressed = (text: string) => findAddressed(text.normalize("NFC")).names.flat();

test("a mention means a username in any case and normal form", () => {
  for (const name of ["kim", "KIM", "\u212Aim"]) expect(addressed(`Hello @${name}!`)).toEqual(["kim"]);
});

test("what only looks like a username addresses nobody", () => {
  for (const name of ["ｋim", "к\u0456m", "k\u0131m", "kïm", "k\u200bim", "\u202ekim", "שרה"]) {
    expect([name, addressed(`Hello @${name}!`)]).toEqual([name, []]);
  }
});
