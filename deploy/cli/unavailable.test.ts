import { expect, test } from "bun:test";
import { DatabaseError } from "@stoa/db";
import { whyUnavailable } from "./unavailable.ts";

test("of a file it says what SQLite says, of a server what to check, and of other errors nothing", () => {
  const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  expect(whyUnavailable(new DatabaseError("unavailable", full))).toBe(
    "The database file cannot be used now: database or disk is full (SQLITE_FULL).",
  );
  const server = "The database does not answer; check its address and token, then run this again.";
  expect(whyUnavailable(new DatabaseError("unavailable", new Error("refused")))).toBe(server);
  expect(whyUnavailable(new DatabaseError("unknown_outcome", "no answer"))).toBe(server);
  expect(whyUnavailable(new DatabaseError("other", full))).toBeUndefined();
  expect(whyUnavailable(full)).toBeUndefined();
});
