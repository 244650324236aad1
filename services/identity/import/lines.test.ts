import { expect, test } from "bun:test";
import { linesIn } from "./lines.ts";

test("lines come whole out of any chunks, with any ends, and an endless one costs no memory", async () => {
  const text = "\uFEFFfirst ä\r\nsecond\n\nlast €";
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 7, 1_000]) {
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
    }
    const lines = await Array.fromAsync(linesIn(chunks()));
    expect(lines.map((line) => line.trim().replace("\uFEFF", ""))).toEqual(["first ä", "second", "", "last €"]);
  }
  async function* endless() {
    const chunk = new Uint8Array(65_536).fill(120);
    for (let i = 0; i < 100; i++) yield chunk;
  }
  const [line] = await Array.fromAsync(linesIn(endless()));
  expect(line?.length).toBeLessThanOrEqual(65_536);
});
