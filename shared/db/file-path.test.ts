import { expect, test } from "bun:test";
import { filePathOf } from "./file-path.ts";

test.each([
  ["file:data/a.db", "data/a.db"],
  ["file:./data/a.db", "./data/a.db"],
  ["file:/srv/a.db", "/srv/a.db"],
  ["file:///srv/a.db", "/srv/a.db"],
  ["file://localhost/srv/a.db", "/srv/a.db"],
  ["file:a%20b/%C3%A9.db", "a b/é.db"],
  ["file:///C:/stoa/a.db", "C:/stoa/a.db"],
  ["file:C:\\stoa\\a.db", "C:\\stoa\\a.db"],
  ["file::memory:", ":memory:"],
])("%s is the path %s", (url, path) => {
  expect(filePathOf(url)).toBe(path);
});

test.each(["file:", "file://", "file://elsewhere/a.db", "file:a.db?mode=ro", "file:a.db#1", "http://a", "a.db"])(
  "%s names no path on this machine",
  (url) => {
    expect(() => filePathOf(url)).toThrow(TypeError);
  },
);
