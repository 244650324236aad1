import type { Sending } from "./ask.ts";
import type { Operation } from "./operations.ts";
import type { BadRequest } from "./refusals.ts";
import { bodyOf, goodBody, neededParts, propertiesOf } from "./samples.ts";

const large = { raw: "{}", headers: { "content-length": "99999999" } };

/**
 * Requests with every error from some point of the order of checks on, which must be refused for the first of them. Path
 * and method are checked before all of these and have tests of their own.
 */
export function* inOrder(operation: Operation, who: { user: string; root: string }): Iterable<BadRequest> {
  const { spec, method } = operation;
  const hasBody = spec.body !== undefined && spec.mediaType === undefined;
  const writes = method !== "GET";
  const needed = neededParts(operation)
    .map((part) => `${part}&`)
    .join("");
  const worst: Sending = { search: `${needed}no_such=1`, params: unknownParams(operation), ...(writes && large) };
  const token = { ...worst, token: null, headers: { ...worst.headers, authorization: "Bearer x.y.z" } };
  if (spec.access !== "anyone") {
    yield { what: "first the token", sending: token, expected: { status: 401, code: "invalid_token" } };
  }
  if (spec.access === "superuser") {
    const sending = { ...worst, token: who.user };
    yield { what: "then the rights of superusers", sending, expected: { status: 403, code: "forbidden" } };
  }
  const rest: Sending = { ...worst, token: spec.access === "anyone" ? null : who.root };
  if (writes) yield { what: "then the size", sending: rest, expected: { status: 413, code: "payload_too_large" } };
  if (hasBody) {
    const typed = { ...rest, raw: "{", headers: { "content-type": "text/plain" } };
    yield {
      what: "then the media type",
      sending: typed,
      expected: { status: 415, code: "unsupported_media_type" },
    };
    const torn = { ...rest, raw: "{", headers: {} };
    yield { what: "then the JSON", sending: torn, expected: { status: 400, code: "malformed_json" } };
    const { raw: _, headers: __, ...fields } = rest;
    const json = { ...bodyOf(operation), no_such: 1 };
    const at = "/no_such";
    yield {
      what: "then the fields of the body",
      sending: { ...fields, json },
      expected: { status: 422, code: "validation_failed", at },
    };
  }
  const { raw: _, headers: __, ...bare } = rest;
  yield {
    what: "then the query",
    sending: { ...bare, ...goodBody(operation) },
    expected: { status: 422, code: "validation_failed", at: "/query/no_such" },
  };
  if (!spec.params) return;
  const { search: ___, ...last } = bare;
  if (Object.values(propertiesOf(spec.params)).every((schema) => schema["format"] === "uuid")) {
    const sending = { ...last, ...goodBody(operation) };
    yield { what: "then what the path names", sending, expected: { status: 404, code: "not_found" } };
  }
}

function unknownParams({ spec }: Operation): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(propertiesOf(spec.params)).map((name) => [name, "nothing"]));
}
