import { expect, test } from "bun:test";
import { deriveKey } from "./derive-key.ts";

test("a secret gives different 32 bytes for each purpose, and always the same for one", async () => {
  const cursor = await deriveKey("a secret of thirty-two characters", "cursor");
  expect(cursor).toHaveLength(32);
  expect(await deriveKey("a secret of thirty-two characters", "cursor")).toEqual(cursor);
  expect(await deriveKey("a secret of thirty-two characters", "stream-ticket")).not.toEqual(cursor);
  expect(await deriveKey("another secret", "cursor")).not.toEqual(cursor);
});
