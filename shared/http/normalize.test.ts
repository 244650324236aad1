import { afterEach, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { normalize } from "./normalize.ts";
import { Id, Nullable, OneOf, Text, Time } from "./schemas/index.ts";

const { normalize: native } = String.prototype;
afterEach(() => {
  String.prototype.normalize = native;
});

/** How many texts are brought to NFC while a value is read. */
function normalized(value: unknown, schema: Parameters<typeof normalize>[1]): number {
  let count = 0;
  String.prototype.normalize = function (form) {
    count++;
    return native.call(this, form);
  };
  normalize(value, schema);
  String.prototype.normalize = native;
  return count;
}

const runs = `a${"\u0316\u0301".repeat(15)}`.repeat(1_000);

test("a text that is too long whatever NFC makes of it is not normalized, wherever a text is taken", () => {
  const fields = [Text({ max: 255 }), Nullable(Text({ max: 255 })), OneOf(["a", "b"]), Id(), Time(), Nullable(Id())];
  for (const field of fields) {
    expect(normalized({ field: runs }, Type.Object({ field }))).toBe(0);
    expect(normalized({ field: [runs] }, Type.Object({ field: Type.Array(field) }))).toBe(0);
    expect(normalized({ field: "a" }, Type.Object({ field }))).toBe(1);
  }
  expect(normalized({ field: runs }, Type.Object({ field: Type.String() }))).toBe(1);
  expect(normalized({ field: runs }, Type.Object({ field: Type.Unknown() }))).toBe(1);
});

test("a text that NFC shortens to what is allowed is normalized: four code points may become one", () => {
  const field = Text({ max: 255 });
  const long = "\u03b1\u0313\u0300\u0345".repeat(255);
  expect(normalize({ field: long }, Type.Object({ field })).value).toEqual({ field: "\u1f82".repeat(255) });
});
