import type { TSchema } from "@sinclair/typebox";
import { badTexts } from "./bad-values.ts";
import type { Operation } from "./operations.ts";
import type { BadRequest } from "./refusals.ts";

import { goodBody, neededParts, propertiesOf, typesOf } from "./samples.ts";

const text = new TextEncoder();

/** Texts that are not numbers, or are not the numbers that they look like. */
const noNumbers = ["1e1", "0x10", "5.0", "1.5", "%2B5", "%205", "5%20", "--5", "", "five", "٥", "9007199254740993"];
const noBooleans = ["1", "0", "yes", "TRUE", "", "null"];

/** Texts that are invalid in every parameter. */
const noTexts: readonly (readonly [what: string, encoded: string])[] = [
  ["NUL", "a%00b"],
  ["31 combining marks in a row", `a${encodeURIComponent("\u0316\u0301".repeat(15))}%CC%96`],
  ["a lone surrogate", "%ED%A0%80"],
  ["bytes that are no UTF-8", "%C0%AF"],
  ["a percent sign alone", "%"],
  ["half an escape", "%E2%82"],
  ["no escape", "%zz"],
];

/** Invalid queries. */
export function* badQueries(operation: Operation): Iterable<BadRequest> {
  const parameters = propertiesOf(operation.spec.query);
  const needed = neededParts(operation);
  const refused = (what: string, search: string, at: string): BadRequest => ({
    what,
    sending: {
      search: [...needed.filter((part) => !search.startsWith(part.split("=")[0] ?? "")), search].join("&"),
      ...goodBody(operation),
    },
    expected: { status: 422, code: "validation_failed", at },
  });
  yield refused("an unknown parameter", "no_such=1", "/query/no_such");
  yield refused("an unknown parameter without a value", "no_such", "/query/no_such");
  yield refused("brackets", "limit[]=5", "/query/limit[]");
  for (const [name, schema] of Object.entries(parameters)) {
    const at = `/query/${name}`;
    for (const [what, value] of badOf(schema)) yield refused(`${name} ${what}`, `${name}=${value}`, at);
    for (const [what, value] of noTexts) yield refused(`${name} with ${what}`, `${name}=${value}`, at);
    yield refused(`${name} given twice`, `${name}=5&${name}=5`, at);
  }
  if (!("cursor" in parameters)) return;
  yield refused("a cursor and a skip", "cursor=AAAA&skip=1", "/query/skip");
  for (const [what, cursor] of forgedCursors) {
    yield {
      what: `a cursor that is ${what}`,
      sending: { search: [...needed, `cursor=${cursor}`].join("&") },
      expected: { status: 422, code: "invalid_cursor" },
    };
  }
}

const forgedCursors = [
  ["a word", "forged"],
  ["one letter", "A"],
  ["JSON in base64url", Buffer.from('["2026-11-20T09:00:00.000Z","x"]').toString("base64url")],
  ["zeros before JSON", Buffer.concat([Buffer.alloc(16), text.encode('["x"]')]).toString("base64url")],
  ["emoji", encodeURIComponent("🙂")],
  ["SQL", encodeURIComponent("' or 1=1 --")],
  ["4,096 letters", "A".repeat(4_096)],
] as const;

function badOf(schema: TSchema): [what: string, value: string][] {
  const [type] = typesOf(schema);
  if (type === "boolean") return noBooleans.map((value) => [`"${value}"`, value]);
  if (type === "integer") {
    const { minimum, maximum } = schema as { minimum?: number; maximum?: number };
    const outside = [minimum === undefined ? [] : [minimum - 1], maximum === undefined ? [] : [maximum + 1]].flat();
    return [...noNumbers, ...outside.map(String)].map((value) => [`"${value}"`, value]);
  }
  return badTexts(schema).map(({ what, value }) => [what, encodeURIComponent(String(value))]);
}

/**
 * Queries that every list must refuse, whatever its schema says.
 *
 * @param cursor a valid one of `GET /tasks`
 */
export function* badPages(operation: Operation, cursor: string): Iterable<BadRequest> {
  const parameters = propertiesOf(operation.spec.query);
  if (!("limit" in parameters)) return;
  const needed = neededParts(operation);
  for (const limit of ["-1", "0", "101", "1e1", "0x10", "5&limit=5"]) {
    const sending = { search: [...needed, `limit=${limit}`].join("&") };
    yield { what: `limit=${limit}`, sending, expected: { status: 422, code: "validation_failed", at: "/query/limit" } };
  }
  for (const skip of ["-1", "10001"]) {
    const sending = { search: [...needed, `skip=${skip}`].join("&") };
    yield { what: `skip=${skip}`, sending, expected: { status: 422, code: "validation_failed", at: "/query/skip" } };
  }
  const changed = cursor.slice(0, 5) + (cursor[5] === "A" ? "B" : "A") + cursor.slice(6);
  const foreign = operation.name === "GET /tasks" ? [`${cursor}&status=pending`, `${cursor}&sort=due_at`] : [cursor];
  for (const bad of [changed, cursor.slice(0, -4), `${cursor}AAAA`, ...foreign]) {
    const sending = { search: [...needed, `cursor=${bad}`].join("&") };
    yield { what: `cursor=${bad}`, sending, expected: { status: 422, code: "invalid_cursor" } };
  }
}
