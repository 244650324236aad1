import { describe, type ErrorCode } from "@stoa/errors";
import { type OperationSpec, statusOf } from "../operation.ts";
import type { Content, Parameter, ResponseObject, Schema } from "./openapi.ts";

/** What an operation is, beside what it declares. */
export interface Described {
  readonly method: string;
  readonly spec: OperationSpec;
}

/** Whether an operation takes an `Idempotency-Key`: POSTs of users that create. */
function isIdempotent({ method, spec }: Described): boolean {
  return method === "POST" && statusOf(spec) === 201 && spec.access !== "anyone";
}

/** Every error code that an operation may answer with: its own, and what may be said before its handler runs. */
export function errorCodes(operation: Described): ErrorCode[] {
  const { method, spec } = operation;
  const rules: [boolean, readonly ErrorCode[]][] = [
    [true, spec.errors ?? []],
    [spec.access !== "anyone", ["unauthorized", "invalid_token", "token_expired", "session_revoked"]],
    [spec.access === "superuser" || spec.role !== undefined, ["forbidden"]],
    [spec.params !== undefined, ["not_found"]],
    // Where nothing is taken, a parameter or a body that is too large is refused all the same.
    [true, ["validation_failed"]],
    [Object.hasOwn(spec.query?.["properties"] ?? {}, "cursor"), ["invalid_cursor"]],
    [method !== "GET", ["payload_too_large"]],
    // What is no JSON must be UTF-8 all the same.
    [spec.body !== undefined, ["request_timeout", "unsupported_media_type", "malformed_json"]],
    [isIdempotent(operation), ["idempotency_key_reused"]],
    [spec.limit !== "none", ["rate_limited"]],
    [true, ["internal_error", "unavailable"]],
  ];
  return [...new Set(rules.flatMap(([applies, codes]) => (applies ? codes : [])))];
}

/** Every answer of an operation, by status: its success, then its errors. */
export function responsesOf(operation: Described, answer: Content | undefined): Record<string, ResponseObject> {
  const { spec } = operation;
  const success = statusOf(spec);
  const headers = success === 201 ? { Location: headerOf("Where the new resource is.") } : undefined;
  const responses: Record<string, ResponseObject> = {
    [success]: {
      description: success === 204 ? "Done." : spec.summary,
      ...(headers && { headers }),
      ...(answer && { content: answer }),
    },
  };
  for (const code of errorCodes(operation)) {
    const { status, title } = describe(code);
    const response = responses[status] ?? problemResponse();
    responses[status] = response;
    response.description += `${response.description === "" ? "" : "; "}${title} (\`${code}\`)`;
    const examples = response.content?.["application/problem+json"]?.examples;
    if (examples) examples[code] = { $ref: `#/components/examples/${code}` };
  }
  return responses;
}

function problemResponse(): ResponseObject {
  const schema = { $ref: "#/components/schemas/Problem" };
  return { description: "", content: { "application/problem+json": { schema, examples: {} } } };
}

/** The headers that an operation understands. */
export function headerParameters(operation: Described): Parameter[] {
  const conditional = operation.spec.errors?.includes("version_conflict") ?? false;
  const text = { type: "string" };
  return [
    ...(isIdempotent(operation)
      ? [
          headerParameter("Idempotency-Key", "The same key and body again: the same resource.", {
            ...text,
            maxLength: 255,
          }),
        ]
      : []),
    ...(conditional ? [headerParameter("If-Match", "The `ETag` that the change starts from.", text)] : []),
  ];
}

function headerParameter(name: string, description: string, schema: Schema): Parameter {
  return { name, in: "header", description, schema };
}

function headerOf(description: string) {
  return { description, schema: { type: "string" } };
}

/** The schema of every error (RFC 9457, section 3). */
export const problemSchema: Schema = {
  type: "object",
  description: "RFC 9457. The codes are at /docs/errors.",
  required: ["type", "title", "status", "detail", "instance", "error_code", "request_id"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    error_code: { type: "string" },
    request_id: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: { path: { type: "string" }, message: { type: "string" } },
      },
    },
  },
};

/** What an error looks like. */
export function problemExample(code: ErrorCode): { value: unknown } {
  const { status, title, sentence } = describe(code);
  return {
    value: {
      type: `/docs/errors#${code}`,
      title,
      status,
      detail: sentence,
      instance: "/api/v1/…",
      error_code: code,
      request_id: "01a0a0a0-7000-7000-8000-00000000000f",
    },
  };
}
