import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { addOlderIndex } from "@stoa/testing/older-index";
import { copyDatabase, requireIntact } from "./copy.ts";

const check = (path: string) => {
  using db = new Database(path, { readonly: true });
  return String(db.prepare("pragma integrity_check").values()[0]?.[0]);
};

test("a search index with empty pages of an older SQLite is merged in the copy, which is intact then", async () => {
  await using folder = await temporaryDirectory("copy");
  const [source, target] = [join(folder.path, "source.db"), join(folder.path, "target.db")];
  await addOlderIndex(source);
  copyDatabase(source, target);
  expect(check(target)).toContain("fts5");
  requireIntact(target);
  expect(check(target)).toBe("ok");
  // What is copied stays as it is.
  expect(check(source)).toContain("fts5");
});
