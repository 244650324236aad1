import type { ErrorCode } from "@stoa/errors";
import { statusOf } from "../operation.ts";
import { type Described, isIdempotent, isVersioned } from "./described.ts";
import type { HeaderObject, Parameter, Schema } from "./openapi.ts";

const text: Schema = { type: "string" };

/** The headers that answers may have beyond those that every answer has. Each is described once in a document. */
export const answerHeaders = {
  ETag: {
    description: "The version of the resource, quoted. Send it back as `If-Match` to change only what you have seen.",
    schema: text,
    example: '"3"',
  },
  "Idempotent-Replayed": {
    description: "`true` when an earlier request with the same key created the resource, and this one only reads it.",
    schema: { type: "string", enum: ["true"] },
  },
  Location: { description: "The path of the new resource.", schema: { type: "string", format: "uri-reference" } },
  RateLimit: {
    description: "What is left of the limit that was counted last (`r`), and in how many seconds it is whole (`t`).",
    schema: text,
    example: '"user";r=599;t=60',
  },
  "RateLimit-Policy": {
    description: "That limit: its quota (`q`) in a window of so many seconds (`w`).",
    schema: text,
    example: '"user";q=600;w=60',
  },
  "Retry-After": {
    description: "Seconds after which another try can succeed.",
    schema: { type: "integer", minimum: 0 },
  },
  "WWW-Authenticate": {
    description: "How to authenticate (RFC 9110, section 11.6.1).",
    schema: { type: "string", enum: ["Bearer"] },
  },
} as const satisfies Readonly<Record<string, HeaderObject>>;

/** A header that an answer may have. */
export type AnswerHeader = keyof typeof answerHeaders;

/** The codes that say when to try again. */
const retryable: ReadonlySet<ErrorCode> = new Set([
  "rate_limited",
  "login_throttled",
  "next_key_too_new",
  "directory_unavailable",
  "unavailable",
] satisfies ErrorCode[]);

/** The headers that an operation's answers of a status may have. @param codes the error codes of that status */
export function headersOf(operation: Described, status: number, codes: readonly ErrorCode[]): AnswerHeader[] {
  const { spec } = operation;
  const success = status < 300;
  const rules: [boolean, readonly AnswerHeader[]][] = [
    [success && status === 201, ["Location"]],
    [success && status === statusOf(spec) && isIdempotent(operation), ["Idempotent-Replayed"]],
    [success ? isVersioned(spec) : codes.includes("version_conflict"), ["ETag"]],
    [status === 401, ["WWW-Authenticate"]],
    [codes.some((code) => retryable.has(code)), ["Retry-After"]],
    [spec.limit !== "none", ["RateLimit", "RateLimit-Policy"]],
  ];
  return rules.flatMap(([applies, names]) => (applies ? names : []));
}

/** The headers that an operation understands. */
export function headerParameters(operation: Described): Parameter[] {
  const { spec } = operation;
  const rules: [boolean, Parameter][] = [
    [
      isIdempotent(operation),
      parameter("Idempotency-Key", "A key of your own. The same key and body again: the same resource, for 24 hours.", {
        ...text,
        minLength: 1,
        maxLength: 255,
      }),
    ],
    [
      spec.errors?.includes("version_conflict") ?? false,
      parameter("If-Match", "The `ETag` that the change starts from. `*`: whatever the version is.", text),
    ],
  ];
  return [
    ...rules.flatMap(([applies, one]) => (applies ? [one] : [])),
    ...Object.entries(spec.headers ?? {}).map(([name, description]) => parameter(name, description, text)),
  ];
}

function parameter(name: string, description: string, schema: Schema): Parameter {
  return { name, in: "header", description, schema };
}
