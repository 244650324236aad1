import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { DamagedFileError } from "./errors.ts";
import { raw } from "./sql.ts";

let folder: TemporaryDirectory;

beforeAll(async () => {
  folder = await temporaryDirectory("damaged-files");
});

afterAll(() => folder[Symbol.asyncDispose]());

test.each([
  "no database at all, and longer than the header of one: ".repeat(20),
  `SQLite format 3\0${"x".repeat(5_000)}`,
])("a file that is no database, or a damaged one, is refused in one line that names it (%#)", async (text) => {
  const file = join(folder.path, `${crypto.randomUUID()}.db`);
  await Bun.write(file, text);
  const refused = await openDatabase(`file:${file}`).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DamagedFileError);
  expect(refused).toMatchObject({ name: "DamagedFileError", failure: "other" });
  expect(String(refused)).toMatch(
    /is damaged, or is no SQLite database \([^\n]+\); put a backup of it in its place\.$/,
  );
  expect(String(refused)).toContain(file);
});

test("a page that is damaged under a running server is told by the same line", async () => {
  const file = join(folder.path, "torn.db");
  const first = await openDatabase(`file:${file}`);
  await first.write([raw("create table t (x)"), raw("insert into t values (zeroblob(100000))")]);
  first.close();
  const bytes = new Uint8Array(await Bun.file(file).arrayBuffer());
  await Bun.write(file, bytes.fill(0xee, 4096));
  const db = await openDatabase(`file:${file}`);
  await expect(db.query(raw("select length(x), x from t"))).rejects.toThrow(`${file} is damaged`);
  await expect(db.write([raw("insert into t values (1)")])).rejects.toThrow(`${file} is damaged`);
  db.close();
});
