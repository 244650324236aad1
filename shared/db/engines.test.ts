import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { migrate, statementsOf } from "./migrations/index.ts";
import { readMigrations } from "./migrations/read.ts";
import { raw, sql } from "./sql.ts";

// A file made by one library opens in the other: Bun's SQLite, and libSQL's own, which sqld has too.

let folder: TemporaryDirectory;

beforeAll(async () => {
  folder = await temporaryDirectory("engines");
});

afterAll(() => folder[Symbol.asyncDispose]());

const services = ["identity", "projects", "messaging"] as const;
const words = "create virtual table words using fts5(text, tokenize = 'trigram')";
const find = (word: string) => `select text from words where words match '${word}'`;

/** Runs statements by libSQL; gives the last one's rows. `stay`: the process lives on with the file open. */
function libsql(url: string, ...arguments_: string[]) {
  const command = [process.execPath, join(import.meta.dir, "test/libsql-statements.ts"), url, ...arguments_];
  const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  return {
    child,
    async run(...statements: string[]): Promise<unknown> {
      child.stdin.write(JSON.stringify(statements));
      await child.stdin.end();
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) return JSON.parse(text);
      throw new Error(`libSQL ended with ${await child.exited} and said nothing.`);
    },
  };
}

test.each(services)("what Bun made of %s opens in libSQL, is whole, and can be written there", async (service) => {
  const url = `file:${join(folder.path, `${service}-from-bun.db`)}`;
  const db = await openDatabase(url);
  await migrate(db, readMigrations(service));
  await db.write([raw(words), sql`insert into words values (${"seven herons"})`]);
  db.close();

  expect(await libsql(url).run("pragma integrity_check")).toEqual([{ integrity_check: "ok" }]);
  expect(await libsql(url).run(find("eron"))).toEqual([{ text: "seven herons" }]);
  await libsql(url).run("insert into words values ('two weirs')");

  const again = await openDatabase(url);
  expect(await again.query(raw("pragma integrity_check"))).toEqual([{ integrity_check: "ok" }]);
  expect(await again.query(raw(find("weir")))).toEqual([{ text: "two weirs" }]);
  again.close();
});

test.each(services)("what libSQL made of %s opens in Bun, is whole, and can be written there", async (service) => {
  const url = `file:${join(folder.path, `${service}-from-libsql.db`)}`;
  const schema = readMigrations(service).flatMap(({ up }) => statementsOf(up));
  await libsql(url).run(...schema, words, "insert into words values ('seven herons')");

  const db = await openDatabase(url);
  expect(await db.query(raw("pragma integrity_check"))).toEqual([{ integrity_check: "ok" }]);
  expect(await db.query(raw(find("eron")))).toEqual([{ text: "seven herons" }]);
  await db.write([sql`insert into words values (${"two weirs"})`]);
  db.close();

  expect(await libsql(url).run(find("weir"))).toEqual([{ text: "two weirs" }]);
});

test("what libSQL left in its write-ahead log when it was killed, Bun finds", async () => {
  const url = `file:${join(folder.path, "killed.db")}`;
  const other = libsql(url, "stay");
  await other.run("create table t (x)", "insert into t values (1)");
  other.child.kill("SIGKILL");
  await other.child.exited;
  const db = await openDatabase(url);
  expect(await db.query(raw("select x from t"))).toEqual([{ x: 1 }]);
  db.close();
});
