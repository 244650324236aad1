import { catalogue, describe, type ErrorCode } from "@stoa/errors";
import type { OperationSpec } from "../operation.ts";
import type { Schema } from "./openapi.ts";
import { sample } from "./sample.ts";

const codes = Object.keys(catalogue) as ErrorCode[];

/** Every error code. */
const errorCode: Schema = {
  title: "ErrorCode",
  type: "string",
  description: "What went wrong, for programs. A code never changes its meaning; new ones may be added.",
  enum: codes,
};

const properties = {
  type: { type: "string", format: "uri-reference", description: "A page that explains the code." },
  title: { type: "string", description: "A short name of the code." },
  status: { type: "integer", description: "The HTTP status of the answer." },
  detail: { type: "string", description: "A sentence about this case, for people." },
  instance: { type: "string", format: "uri-reference", description: "The path that was asked." },
  error_code: errorCode,
  request_id: {
    type: "string",
    description: "The id of the request, also in `X-Request-Id`. Quote it when you report a fault.",
  },
  errors: {
    type: "array",
    description: "Each field at fault, where fields are.",
    items: {
      title: "FieldError",
      type: "object",
      required: ["path", "message"],
      properties: {
        path: {
          type: "string",
          description: "A JSON pointer into the body (`/title`), or `/query/limit` and the like.",
        },
        message: { type: "string", description: "A sentence about the field, for people." },
      },
    },
  },
} satisfies Record<string, Schema>;

/** The schema of every error (RFC 9457, section 3). */
export const problemSchema = {
  title: "Problem",
  type: "object",
  description: "An error as RFC 9457 describes it. The codes are explained at /docs/errors.",
  required: ["type", "title", "status", "detail", "instance", "error_code", "request_id"],
  properties,
} satisfies Schema;

/**
 * The schema of an operation's errors of one status. Where a code has members of its own, each code of the status has a
 * schema of its own, so that `error_code` tells them apart.
 */
export function problemSchemaOf(spec: OperationSpec, codes: readonly ErrorCode[]): Schema {
  if (!codes.some((code) => membersOf(spec, code))) return problemSchema;
  const schemas = codes.map((code) => problemOf(spec, code));
  const [only] = schemas;
  return schemas.length === 1 && only ? only : { oneOf: schemas };
}

function problemOf(spec: OperationSpec, code: ErrorCode): Schema {
  const { status, title, sentence } = describe(code);
  const members = membersOf(spec, code);
  return {
    title: `${members?.prefix ?? ""}${pascal(code)}`,
    type: "object",
    description: `${title}. ${sentence}`,
    required: [...problemSchema.required, ...Object.keys(members?.properties ?? {})],
    properties: {
      ...properties,
      status: { type: "integer", enum: [status] },
      error_code: { type: "string", enum: [code], description: sentence },
      ...members?.properties,
    },
  };
}

/** What a code's problem document has besides the members of every problem. */
export interface Members {
  /** What the schema's name begins with. */
  readonly prefix: string;
  readonly properties: Readonly<Record<string, Schema>>;
  /** What they look like, where the operation shows it. */
  readonly example?: Readonly<Record<string, unknown>>;
}

/** What a code's problem document has in an operation besides the members of every problem; undefined for nothing. */
export function membersOf(spec: OperationSpec, code: ErrorCode): Members | undefined {
  const { answer, example, problems, resource } = spec;
  const declared = problems?.[code];
  if (declared) return { prefix: "", properties: declared.properties };
  const current = resource ?? answer;
  if (code !== "version_conflict" || !current) return undefined;
  const shown = resource ? undefined : example?.answer;
  return {
    prefix: current.title ?? "",
    properties: { current },
    ...(shown !== undefined && { example: { current: shown } }),
  };
}

/** What an error looks like. @param instance the path that was asked @param members those of its own */
export function problemExample(code: ErrorCode, instance: string, members?: Members): Record<string, unknown> {
  const { status, title, sentence } = describe(code);
  return {
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: sentence,
    instance,
    error_code: code,
    request_id: "01a0a0a0-7000-7000-8000-00000000000f",
    ...Object.fromEntries(
      Object.entries(members?.properties ?? {}).map(([name, schema]) => [
        name,
        members?.example?.[name] ?? sample(schema, name),
      ]),
    ),
  };
}

function pascal(code: string): string {
  return code.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
