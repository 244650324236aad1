import { expect, test } from "bun:test";
import { randomBytes, randomHex } from "./random.ts";

test("bytes are never given twice, also when a draw is used up and when they were changed", () => {
  const seen = new Set<string>();
  for (let n = 0; n < 2_000; n++) {
    const bytes = randomBytes(16);
    seen.add(bytes.toHex());
    bytes.fill(0);
  }
  expect(seen.size).toBe(2_000);
});

test("hexadecimal digits are two for each byte", () => {
  expect(randomHex(8)).toMatch(/^[0-9a-f]{16}$/);
  expect(randomHex(8)).not.toBe(randomHex(8));
});
