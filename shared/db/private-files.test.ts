import { afterEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { lockDataDir } from "./file-lock.ts";
import { isExposed, privateFile, privateFolder, restrictFile } from "./private-files-bun.ts";
import { raw } from "./sql.ts";

const umask = process.umask();
afterEach(() => process.umask(umask));

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

test.each([0o000, 0o022, 0o777])("with the umask %o, folders are 0700 and files 0600", async (mask) => {
  await using folder = await temporaryDirectory("private");
  const [dir, file] = [join(folder.path, "dir"), join(folder.path, "file")];
  process.umask(mask);
  privateFolder(dir);
  privateFile(file);
  process.umask(umask);
  expect([modeOf(dir), modeOf(file)]).toEqual(["700", "600"]);
});

test("what exists is restricted and keeps its content; a folder with the sticky bit stays as it is", async () => {
  await using folder = await temporaryDirectory("private");
  const [dir, shared, file] = [join(folder.path, "dir"), join(folder.path, "shared"), join(folder.path, "file")];
  mkdirSync(dir);
  chmodSync(dir, 0o755);
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  writeFileSync(file, "kept");
  chmodSync(file, 0o644);
  expect(isExposed(file)).toBe(true);
  for (const path of [dir, shared]) privateFolder(path);
  privateFile(file);
  expect([modeOf(dir), modeOf(shared), modeOf(file)]).toEqual(["700", "1777", "600"]);
  expect([await Bun.file(file).text(), isExposed(file)]).toEqual(["kept", false]);
  restrictFile(join(folder.path, "nothing"));
  expect(readdirSync(folder.path)).not.toContain("nothing");
});

test.if(process.platform === "linux")("what has a mode that nobody may change stays as it is", () => {
  // The kernel refuses it to root too.
  const file = "/proc/self/status";
  const before = modeOf(file);
  expect(before).not.toBe("600");
  restrictFile(file);
  expect(modeOf(file)).toBe(before);
  expect(isExposed(file)).toBe(true);
});

test("a file that cannot be made is told", async () => {
  await using folder = await temporaryDirectory("private");
  expect(() => privateFile(join(folder.path, "nowhere", "file"))).toThrow("ENOENT");
});

test("a database, its log and its index are 0600, whatever the umask and whoever made the files", async () => {
  await using folder = await temporaryDirectory("private");
  const path = join(folder.path, "a.db");
  const modes = () =>
    Object.fromEntries(readdirSync(folder.path).map((name) => [name, modeOf(join(folder.path, name))]));
  const all = { ".lock": "600", ".lock-journal": "600", "a.db": "600", "a.db-shm": "600", "a.db-wal": "600" };
  process.umask(0);
  const lock = lockDataDir(folder.path);
  const db = await openDatabase(`file:${path}`);
  await db.write([raw("create table notes (text text)")]);
  expect(modes()).toEqual(all);
  for (const name of Object.keys(all)) chmodSync(join(folder.path, name), 0o644);
  lock.release();
  db.close();

  const again = lockDataDir(folder.path);
  const opened = await openDatabase(`file:${path}`);
  await opened.write([raw("insert into notes values ('x')")]);
  expect(modes()).toEqual(all);
  opened.close();
  again.release();
});
