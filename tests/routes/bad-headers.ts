import { statusOf } from "@stoa/http/operation";
import type { Operation } from "./operations.ts";
import type { BadRequest } from "./refusals.ts";
import { bodyOf } from "./samples.ts";

/** Malformed idempotency keys. */
const noKeys: readonly (readonly [what: string, key: string])[] = [
  ["empty", ""],
  ["of 256 characters", "k".repeat(256)],
  ["with a tab", "a\tb"],
  ["not ASCII", "clé"],
];

/** Values of If-Match that match no version of a resource. */
const noVersions = ['"999999"', '"0"', "1", 'W/"999999"', "garbage", '""', '"1e0"', '"-1"'];

/** Invalid idempotency keys and versions, for operations that use them. */
export function* badHeaders(operation: Operation): Iterable<BadRequest> {
  const { method, spec } = operation;
  const json = bodyOf(operation);
  if (method === "POST" && statusOf(spec) === 201 && spec.access !== "anyone") {
    for (const [what, key] of noKeys) {
      yield {
        what: `an Idempotency-Key ${what}`,
        sending: { json, headers: { "idempotency-key": key } },
        expected: { status: 422, code: "validation_failed", at: "/headers/idempotency-key" },
      };
    }
  }
  if (!(spec.errors ?? []).includes("version_conflict")) return;
  for (const version of noVersions) {
    yield {
      what: `If-Match: ${version}`,
      sending: { json, headers: { "if-match": version } },
      expected: { status: 412, code: "version_conflict" },
    };
  }
}
