import { expect, test } from "bun:test";
import { silent } from "@stoa/testing";
import { sourcesIn, the } from "./operation.ts";

test("a service whose database is not at hand is named, with the setting that is missing", () => {
  const missing = "There is no database of identity here; set IDENTITY_DATABASE_URL.";
  expect(() => the([], "identity")).toThrow(missing);
  const sources = sourcesIn({
    operated: [],
    databases: new Map(),
    log: silent,
    say: () => undefined,
    signal: new AbortController().signal,
  });
  expect(() => sources("identity")).toThrow(missing);
});
