import { expect, test } from "bun:test";
import * as bun from "./hmac-bun.ts";
import * as edge from "./hmac-edge.ts";

test.each([
  // RFC 4231, test cases 2 and 6 (a key longer than a block).
  [
    Buffer.from("Jefe"),
    "what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    Buffer.alloc(131, 0xaa),
    "Test Using Larger Than Block-Size Key - Hash Key First",
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
])("HMAC-SHA-256 of known texts, on Bun and on Workers (%#)", (key, text, expected) => {
  for (const { hmacSha256 } of [bun, edge]) {
    expect(Buffer.from(hmacSha256(key, Buffer.from(text))).toString("hex")).toBe(expected);
  }
});
