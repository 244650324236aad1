import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { expectedSchema, readMigrations } from "./read.ts";

let folder: TemporaryDirectory;
let root: URL;

beforeAll(async () => {
  folder = await temporaryDirectory("read");
  root = pathToFileURL(`${folder.path}/`);
  const entry = (idx: number, tag: string) => ({ idx, version: "6", when: 1, tag, breakpoints: true });
  const journal = { version: "7", dialect: "sqlite", entries: [entry(0, "0000_a"), entry(1, "0001_b")] };
  await mkdir(join(folder.path, "library", "meta"), { recursive: true });
  await Bun.write(join(folder.path, "library/meta/_journal.json"), JSON.stringify(journal));
  await Bun.write(join(folder.path, "library/0000_a.sql"), "up a");
  await Bun.write(join(folder.path, "library/0000_a.down.sql"), "down a");
  await Bun.write(join(folder.path, "library/0001_b.sql"), "up b");
});

afterAll(() => folder[Symbol.asyncDispose]());

test("migrations are read in the journal's order, each with its .down.sql, or an empty text where that is missing", () => {
  expect(readMigrations("library", root)).toEqual([
    { tag: "0000_a", up: "up a", down: "down a" },
    { tag: "0001_b", up: "up b", down: "" },
  ]);
});

test("a database must have the last migration", () => {
  expect(expectedSchema("library", root)).toBe("0001_b");
});

test("a service without migrations has no expected schema", () => {
  expect(readMigrations("nothing", root)).toEqual([]);
  expect(() => expectedSchema("nothing", root)).toThrow("There are no migrations for nothing");
});
