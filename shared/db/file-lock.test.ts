import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "@stoa/testing";
import { DataDirLockedError, isLocked, lockDataDir } from "./file-lock.ts";

let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "stoa-lock-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A process that locks the folder, says so, and goes on running. */
const holder = () =>
  startProcess(
    [
      process.execPath,
      "-e",
      `import { lockDataDir } from ${JSON.stringify(join(import.meta.dir, "file-lock.ts"))};
       lockDataDir(${JSON.stringify(dir)});
       Bun.gc(true);
       console.log("locked");
       setInterval(() => Bun.gc(true), 50);`,
    ],
    { ready: (output) => output.includes("locked") },
  );

test("a folder that another process has locked is refused in one line that names it", async () => {
  await using _other = await holder();
  expect(() => lockDataDir(dir)).toThrow(DataDirLockedError);
  expect(() => lockDataDir(dir)).toThrow(
    `Stoa is already running in ${dir}; stop it first, or choose another DATA_DIR.`,
  );
});

test("the lock is released when its process ends, however it ends", async () => {
  await using other = await holder();
  expect(() => lockDataDir(dir)).toThrow(DataDirLockedError);
  await other.kill9();
  lockDataDir(dir).release();
});

test("whether a folder is locked can be seen by this process and by others, and looking takes nothing away", async () => {
  expect(isLocked(dir)).toBe(false);
  const lock = lockDataDir(dir);
  expect([isLocked(dir), isLocked(dir)]).toEqual([true, true]);
  lock.release();
  expect(isLocked(dir)).toBe(false);
  await using other = await holder();
  expect([isLocked(dir), isLocked(dir)]).toEqual([true, true]);
  expect(() => lockDataDir(dir)).toThrow(DataDirLockedError);
  await other.kill9();
  expect(isLocked(dir)).toBe(false);
});

test("a process that cannot lock the folder does not release the other's lock by trying", async () => {
  await using _other = await holder();
  for (let attempt = 0; attempt < 3; attempt++) expect(() => lockDataDir(dir)).toThrow(DataDirLockedError);
});

test("only its owner may read a folder that it creates", () => {
  const made = join(mkdtempSync(join(tmpdir(), "stoa-lock-")), "data");
  lockDataDir(made).release();
  expect(statSync(made).mode & 0o777).toBe(0o700);
  rmSync(join(made, ".."), { recursive: true });
});

test("one process can lock a folder only once, by whatever path, and again after release", () => {
  const lock = lockDataDir(dir);
  symlinkSync(dir, join(dir, "same"));
  expect(() => lockDataDir(join(dir, "same"))).toThrow(DataDirLockedError);
  lock.release();
  lock.release();
  lockDataDir(dir).release();
});

test("a folder that does not exist is created", () => {
  lockDataDir(join(dir, "a", "b")).release();
});

test("the error says why a folder cannot be created", () => {
  expect(() => lockDataDir("/proc/stoa")).toThrow(/ENOENT|EACCES|EPERM|EROFS/);
});

test("the error says that a lock file is no database, and the folder can be locked once the file is deleted", () => {
  const file = join(dir, ".lock");
  writeFileSync(file, "not a database, and longer than the header of one would be: ".repeat(10));
  expect(() => lockDataDir(dir)).toThrow(/not a database/);
  rmSync(file);
  lockDataDir(dir).release();
});
