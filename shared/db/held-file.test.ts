import { expect, test } from "bun:test";
import { readdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { holdFile } from "./held-file-bun.ts";

/** How many descriptors of this process are of the file. */
const descriptorsOf = (path: string) =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return realpathSync(`/proc/self/fd/${fd}`) === realpathSync(path);
    } catch {
      // One that was closed meanwhile.
      return false;
    }
  }).length;

test("a file is opened once for all its users, and closed with the last of them", async () => {
  await using folder = await temporaryDirectory("held");
  const path = join(folder.path, "a.db");
  expect(holdFile(path)).toBeUndefined();
  writeFileSync(path, "0123456789");
  const [one, two] = [holdFile(path), holdFile(path)];
  expect(descriptorsOf(path)).toBe(1);
  expect(Buffer.from(one?.read(2, 3) ?? []).toString()).toBe("234");
  one?.release();
  one?.release();
  expect(one?.read(0, 1)).toBeUndefined();
  expect(two?.read(9, 1)).toEqual(new Uint8Array([0x39]));
  expect(descriptorsOf(path)).toBe(1);
  two?.release();
  expect(descriptorsOf(path)).toBe(0);
});

test("bytes that are not there, and what cannot be read, are undefined", async () => {
  await using folder = await temporaryDirectory("held");
  const path = join(folder.path, "a.db");
  writeFileSync(path, "0123456789");
  const file = holdFile(path);
  expect(file?.read(5, 6)).toBeUndefined();
  file?.release();
  const unreadable = holdFile(folder.path);
  expect(unreadable?.read(0, 1)).toBeUndefined();
  unreadable?.release();
});
