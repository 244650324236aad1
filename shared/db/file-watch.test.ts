import { afterEach, expect, jest, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { FileWatch } from "./file-watch-bun.ts";

afterEach(() => jest.useRealTimers());

const nothing = () => undefined;
const unknown = { schemaVersion: nothing, identityPage: nothing, identity: nothing, madeAt: nothing };

test("a file that is lost is noticed within a second though nobody asks, until the watch is stopped", async () => {
  await using folder = await temporaryDirectory("file-watch");
  const file = join(folder.path, "a.db");
  writeFileSync(file, "");
  jest.useFakeTimers();
  const watch = new FileWatch(file, unknown);
  renameSync(file, `${file}.away`);
  expect(watch.lost).toBeUndefined();
  jest.advanceTimersByTime(1_000);
  expect(watch.lost).toStartWith("a.db was removed while Stoa runs");
  renameSync(`${file}.away`, file);
  jest.advanceTimersByTime(1_000);
  expect(watch.lost).toBeUndefined();
  watch.stop();
  renameSync(file, `${file}.away`);
  jest.advanceTimersByTime(5_000);
  expect(watch.lost).toBeUndefined();
});
