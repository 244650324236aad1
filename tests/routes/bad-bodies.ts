import { OptionalKind } from "@sinclair/typebox";
import { maxBytesOf } from "@stoa/http/body";
import type { Operation } from "./operations.ts";
import type { BadRequest } from "./refusals.ts";
import { bodyOf } from "./samples.ts";

const tooLarge = { status: 413, code: "payload_too_large" };
const unsupported = { status: 415, code: "unsupported_media_type" };
const malformed = { status: 400, code: "malformed_json" };

/** Bodies that are refused before their fields are validated: too large, of another type, not JSON. */
export function* badBodies(operation: Operation): Iterable<BadRequest> {
  const { method, spec } = operation;
  if (method === "GET") return;
  const max = maxBytesOf(spec) + 1;
  yield {
    what: `a body of ${max} bytes`,
    // A declared length is trusted, so the body need not be read.
    sending: { raw: "{}", headers: { "content-length": String(max) } },
    expected: tooLarge,
  };
  if (!spec.body) return yield* surplusBodies();
  const huge = new Uint8Array(max).fill(0x20);
  const headers = { "content-type": spec.mediaType ?? "application/json" };
  const chunks = { raw: new Blob([huge]).stream(), headers };
  yield { what: `a body of ${max} bytes in chunks`, sending: chunks, expected: tooLarge };

  const good = spec.mediaType === undefined ? JSON.stringify(bodyOf(operation)) : "{}";
  for (const type of wrongTypes(operation)) {
    yield { what: `as ${type}`, sending: { raw: good, headers: { "content-type": type } }, expected: unsupported };
  }
  // The body is bytes, because the platform sets a media type for text by itself.
  const untyped = { raw: new TextEncoder().encode(good), headers: { "content-type": null } };
  yield { what: "without a media type", sending: untyped, expected: unsupported };
  yield { what: "invalid UTF-8", sending: { raw: badUtf8(), headers }, expected: malformed };
  if (spec.mediaType !== undefined) return;
  for (const [what, raw] of noJson(good, max - 1, spec.body[OptionalKind] === "Optional"))
    yield { what, sending: { raw }, expected: malformed };
  for (const raw of ["null", "[]", '"text"', "1", "true"]) {
    yield { what: `${raw} as body`, sending: { raw }, expected: { status: 422, code: "validation_failed", at: "" } };
  }
}

/** Bodies with something in them, for operations that take none. */
function* surplusBodies(): Iterable<BadRequest> {
  const fields = { no_such_field: 1 };
  const refused = { status: 422, code: "validation_failed" };
  yield { what: "an unknown field", sending: { json: fields }, expected: { ...refused, at: "/no_such_field" } };
  yield { what: "a list", sending: { json: [] }, expected: { ...refused, at: "" } };
  yield { what: "half a body", sending: { raw: "{" }, expected: malformed };
  const headers = { "content-type": "text/plain" };
  yield { what: "text", sending: { json: fields, headers }, expected: unsupported };
}

function wrongTypes({ method, spec }: Operation): string[] {
  const types = ["text/plain", "application/xml", "multipart/form-data; boundary=x"];
  if (!spec.form) types.push("application/x-www-form-urlencoded");
  types.push("application/jsonp", "text/json", "application/octet-stream", "*/*", "application/json; charset=utf-16");
  if (method !== "PATCH" && method !== "PUT") types.push("application/merge-patch+json");
  return spec.mediaType === undefined ? types : [...types, "application/json"];
}

function badUtf8(): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode('{"a":"__"}');
  // This is an overlong slash: two bytes that are invalid in UTF-8 (RFC 3629, section 10).
  bytes.set([0xc0, 0xaf], 6);
  return bytes;
}

function noJson(good: string, max: number, optional: boolean): [what: string, raw: string][] {
  const open = good.slice(0, -1);
  const member = /^\{("(?:[^"\\]|\\.)*":)/.exec(good)?.[1] ?? '"a":';
  const rest = good === "{}" ? "" : `,${good.slice(1, -1)}`;
  return [
    ...(optional ? [] : [["no bytes", ""] satisfies [string, string]]),
    ["blanks", "  \n"],
    ["an object without its end", open],
    ["a comma too many", `${open},}`],
    ["single quotes", "{'a':1}"],
    ["a name without quotes", "{a:1}"],
    ["a comment", `/* ${good} */`],
    ["NaN", `{${member}NaN}`],
    ["a leading zero", `{${member}01}`],
    ["a raw line break in a string", `{${member}"a\nb"}`],
    ["a byte order mark", `\ufeff${good}`],
    ["two documents", `${good}${good}`],
    ["a form", "a=1&b=2"],
    ["a name given twice", `{${member}1${rest}}`.replace(/^\{("[^"]*":)1\}$/, "{$11,$11}")],
    ["a name given twice, once escaped", '{"a":1,"\\u0061":1}'],
    ["a name given twice, deep", '{"a":[{"b":{"c":1,"c":2}}]}'],
    ["65 lists deep", "[".repeat(65) + "]".repeat(65)],
    ["65 objects deep", `${'{"a":'.repeat(65)}1${"}".repeat(65)}`],
    ["as many lists deep as it may be long", "[".repeat(max)],
  ];
}
