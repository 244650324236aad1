import type { ErrorCode } from "@stoa/errors";
import { type OperationSpec, statusOf } from "../operation.ts";
import type { Schema } from "./openapi.ts";

/** What an operation is, beside what it declares. */
export interface Described {
  readonly method: string;
  /** As documents write it: `/api/v1/tasks/{id}`. */
  readonly path: string;
  readonly spec: OperationSpec;
}

/** Whether an operation takes an `Idempotency-Key`: POSTs of users that create. */
export function isIdempotent({ method, spec }: Omit<Described, "path">): boolean {
  return method === "POST" && statusOf(spec) === 201 && spec.access !== "anyone";
}

/** Whether an operation answers with a resource whose changes are counted: its answers have an `ETag`. */
export function isVersioned({ answer }: OperationSpec): boolean {
  const properties = (answer?.["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  return properties["version"]?.["type"] === "integer";
}

/** Every error code that an operation may answer with: its own, and those of the checks that run before it. */
export function errorCodes(operation: Omit<Described, "path">): ErrorCode[] {
  const { method, spec } = operation;
  const rules: [boolean, readonly ErrorCode[]][] = [
    [true, spec.errors ?? []],
    [spec.access !== "anyone", ["unauthorized", "invalid_token", "token_expired", "session_revoked"]],
    [spec.access === "superuser" || spec.role !== undefined, ["forbidden"]],
    [spec.params !== undefined, ["not_found"]],
    // Where nothing is taken, a parameter or a body is refused all the same.
    [true, ["validation_failed"]],
    [Object.hasOwn(spec.query?.["properties"] ?? {}, "cursor"), ["invalid_cursor"]],
    // What is no JSON must be UTF-8 all the same.
    [method !== "GET", ["payload_too_large", "request_timeout", "unsupported_media_type", "malformed_json"]],
    [isIdempotent(operation), ["idempotency_key_reused"]],
    // What a key has made may be gone since, or no longer the user's to see.
    [isIdempotent(operation), ["not_found", "forbidden"]],
    [spec.limit !== "none", ["rate_limited"]],
    [true, ["internal_error", "unavailable"]],
  ];
  return [...new Set(rules.flatMap(([applies, codes]) => (applies ? codes : [])))];
}
