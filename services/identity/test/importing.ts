import { expect } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { strict } from "@stoa/http/strict";
import { LineOutcome } from "../import/schema.ts";
import { password, type TestIdentity } from "./harness.ts";

/** The type of what an import is sent. */
export const NDJSON = "application/x-ndjson";

/** Sends lines to the import as a superuser does, and checks each answer by its schema. */
export async function sendLines(
  identity: TestIdentity,
  lines: readonly (object | string)[],
  token?: string,
  query = "",
) {
  const bearer = token ?? (await identity.superuser());
  const response = await identity.request(`/auth/users/import${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": NDJSON },
    body: lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
  });
  const text = await response.text();
  const outcomes =
    response.status === 200
      ? text
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];
  for (const outcome of outcomes) expect([...Value.Errors(strict(LineOutcome), outcome)]).toEqual([]);
  return { status: response.status, headers: response.headers, text, outcomes: outcomes as LineOutcome[] };
}

/** The answers without the ids. */
export const short = (outcomes: readonly LineOutcome[]) =>
  outcomes.map(({ line, outcome, error }) => [line, outcome, ...(error ? [error.error_code] : [])]);

/** A hash of the password of tests, as another system has it. */
export const bcrypt = () => Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
