import { expect, test } from "bun:test";
import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { removeFolder } from "./files.ts";

test("a folder is deleted with its files, and a file that has another name elsewhere is whole there", async () => {
  await using folder = await temporaryDirectory("files");
  const [old, kept] = [join(folder.path, "old"), join(folder.path, "kept.db")];
  const content = Buffer.alloc(3_000_000, "x");
  mkdirSync(old);
  writeFileSync(join(old, "identity.db"), content);
  writeFileSync(join(old, "projects.db"), content);
  linkSync(join(old, "identity.db"), kept);
  removeFolder(old);
  expect(existsSync(old)).toBe(false);
  expect(readFileSync(kept).equals(content)).toBe(true);
});
