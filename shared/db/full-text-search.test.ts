import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { OperatorError } from "@stoa/errors";
import { requireFullTextSearch } from "./full-text-search-bun.ts";

/** An SQLite that was built without something, as far as `run` can tell. */
const lacking = (message: string) => () =>
  Object.assign(new Database(":memory:"), {
    run: () => {
      throw new Error(message);
    },
  });

test.each(["no such module: fts5", "no such tokenizer: trigram"])(
  "an SQLite with %s is refused in one line",
  (message) => {
    const refused = () => requireFullTextSearch(lacking(message));
    expect(refused).toThrow(OperatorError);
    expect(refused).toThrow(
      /^SQLite 3\.\d+\.\d+ lacks full-text search with the trigram tokenizer \(no such [^\n]+\)\.$/,
    );
  },
);

test("the SQLite that Bun has is good", () => {
  expect(() => requireFullTextSearch()).not.toThrow();
});
