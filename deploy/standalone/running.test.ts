import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { lockDataDir } from "@stoa/db/file-lock";
import { temporaryDirectory } from "@stoa/testing";
import { forgetRunning, lockAlone, noteRunning, runningIn } from "./running.ts";

test.each([
  ["0.0.0.0", "http://127.0.0.1:8080"],
  ["::", "http://[::1]:8080"],
  ["fd00::1", "http://[fd00::1]:8080"],
  ["192.0.2.1", "http://192.0.2.1:8080"],
])(
  "a server that listens on %s answers at %s, for its owner to read, as long as it holds the folder",
  async (host, url) => {
    await using folder = await temporaryDirectory("running");
    expect(runningIn(folder.path)).toBeUndefined();
    const lock = lockDataDir(folder.path);
    expect(runningIn(folder.path)).toBeUndefined();
    noteRunning(folder.path, host, 8080);
    expect(runningIn(folder.path)).toBe(url);
    expect(statSync(join(folder.path, ".running")).mode & 0o777).toBe(0o600);
    lock.release();
    expect(runningIn(folder.path)).toBeUndefined();
    const again = lockDataDir(folder.path);
    forgetRunning(folder.path);
    expect(runningIn(folder.path)).toBeUndefined();
    again.release();
  },
);

test("while a server starts, or a command has the folder alone, nobody is told the address of one that was killed in its folder", async () => {
  await using folder = await temporaryDirectory("running");
  const killed = lockAlone(folder.path);
  noteRunning(folder.path, "127.0.0.1", 8080);
  killed.release();
  const starting = lockAlone(folder.path);
  expect(runningIn(folder.path)).toBeUndefined();
  noteRunning(folder.path, "127.0.0.1", 9090);
  expect(() => lockAlone(folder.path)).toThrow("Stoa is already running");
  expect(runningIn(folder.path)).toBe("http://127.0.0.1:9090");
  starting.release();
});
