import { Type } from "@sinclair/typebox";
import { type FieldError, MOST_ERRORS, StoaError } from "@stoa/errors";
import { FORM, formFields } from "./form.ts";
import { normalize } from "./normalize.ts";
import type { OperationSpec } from "./operation.ts";
import { type ReceiveOptions, receive, type Timer, tooLarge } from "./receive.ts";
import { decodeText, parseJson, refuseDuplicates } from "./strict-json.ts";
import { type Validator, validatorOf } from "./validator.ts";

/** The largest body of an operation that says nothing else, in bytes. */
export const DEFAULT_MAX_BYTES = 1024 * 1024;

/** The same of an operation that is open to anyone. */
export const ANONYMOUS_MAX_BYTES = 16 * 1024;

/** The largest body of an operation, in bytes. */
export function maxBytesOf({ access, maxBytes }: Pick<OperationSpec, "access" | "maxBytes">): number {
  return maxBytes ?? (access === "anyone" ? ANONYMOUS_MAX_BYTES : DEFAULT_MAX_BYTES);
}

/** What operations without a body take: none, or an object without fields, which some clients send with every request. */
const noFields = validatorOf(Type.Optional(Type.Object({})), {});

/**
 * Reads a body: checks size, media type, JSON and fields, in this order.
 *
 * @param validator of the body's schema; without one the operation takes none, and a field is refused as an unknown one is
 * @param how `timer` for the time that the body may take; `older`: as clients of older backends send it, what is not asked
 * for too
 * @throws StoaError `payload_too_large`, `unsupported_media_type`, `request_timeout`, `malformed_json`,
 * `validation_failed`
 */
export async function readBody(
  request: Request,
  operation: OperationSpec,
  validator: Validator | undefined,
  { timer, older = false }: { readonly timer: Timer; readonly older?: boolean },
): Promise<unknown> {
  const { mediaType, form } = operation;
  const max = maxBytesOf(operation);
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > max) throw tooLarge(max);
  requireUnencoded(request);
  if (!validator) return older ? undefined : await requireNone(request, { length, max, timer });
  const type = request.headers.get("content-type");
  // A type that is given is checked before the bytes are read; that there is none matters only when there are bytes.
  if (type !== null && length !== "0") requireType(type, request.method, mediaType, form !== undefined);
  const bytes = await receive(request, { length, max, timer });
  if (bytes.byteLength === 0) {
    if (validator.optional || (older && operation.olderWithoutBody)) return undefined;
    throw new StoaError("malformed_json", { detail: "The request has no body." });
  }
  if (type === null) requireType("", request.method, mediaType);
  const text = decodeText(bytes);
  if (form && mediaIn(type ?? "") === FORM) return formIn(text, validator);
  return mediaType === undefined ? jsonIn(text, validator, older) : valid(text, validator);
}

async function requireNone(request: Request, options: ReceiveOptions): Promise<undefined> {
  if (options.length === "0" || request.body === null) return;
  const bytes = await receive(request, options);
  if (bytes.byteLength === 0) return;
  requireType(request.headers.get("content-type") ?? "", request.method, undefined);
  jsonIn(decodeText(bytes), noFields, false);
}

function jsonIn(text: string, validator: Validator, older: boolean): unknown {
  const { value, members } = parseJson(text);
  const normalized = normalize(value, validator.schema, older);
  if (normalized.members !== members) refuseDuplicates();
  return valid(without(normalized.value, validator.ignored), validator, normalized.errors);
}

/** The fields of a form, as the same in JSON would be; those that belong to the form alone are checked and dropped. */
function formIn(text: string, validator: Validator): unknown {
  const { form } = validator;
  if (!form) throw new Error("The operation takes no form.");
  const given = Object.entries(formFields(text));
  const isExtra = ([name]: readonly [string, string]) => Object.hasOwn(form.schema["properties"] as object, name);
  const extra = normalize(Object.fromEntries(given.filter(isExtra)), form.schema);
  const body = normalize(Object.fromEntries(given.filter((field) => !isExtra(field))), validator.schema);
  const found = [...extra.errors, ...form.validate(extra.value)];
  return valid(body.value, validator, [...found, ...body.errors]);
}

/** One sentence a field: what is wrong with a text in itself comes before what the schema finds. */
function valid(value: unknown, validator: Validator, found: readonly FieldError[] = []): unknown {
  const named = new Set(found.map(({ path }) => path));
  const errors = [...found, ...validator.validate(value).filter(({ path }) => !named.has(path))].slice(0, MOST_ERRORS);
  if (errors.length > 0) throw new StoaError("validation_failed", { errors });
  return value;
}

function without(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const body = value as Record<string, unknown>;
  for (const name of names) delete body[name];
  return body;
}

/** Refuses a body that is compressed (RFC 9110, sections 8.4 and 15.5.16): its size is bounded as it is sent. */
function requireUnencoded({ headers, body }: Request): void {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity" || body === null) return;
  throw new StoaError("unsupported_media_type", {
    detail: "Send the body as it is, without a Content-Encoding.",
    headers: { "accept-encoding": "identity" },
  });
}

/** The media type of a header, without its parameters. */
const mediaIn = (header: string) => (header.toLowerCase().split(";")[0] ?? "").trim();

function requireType(header: string, method: string, wanted: string | undefined, orForm = false): void {
  const parameters = header.toLowerCase().split(";").slice(1);
  const media = mediaIn(header);
  const good =
    wanted === undefined
      ? media === "application/json" ||
        (media === "application/merge-patch+json" && (method === "PATCH" || method === "PUT")) ||
        (orForm && media === FORM)
      : media === wanted;
  const charset = parameters.map(charsetIn).find((found) => found !== undefined);
  if (good && (charset === undefined || charset === "utf-8" || charset === "utf8")) return;
  throw new StoaError("unsupported_media_type", {
    detail:
      wanted === undefined ? "Send the body as application/json in UTF-8." : `Send the body as ${wanted} in UTF-8.`,
    headers: { accept: wanted ?? "application/json" },
  });
}

/** The value of a parameter `charset`. Without a pattern, which would take quadratic time over a long run of spaces. */
function charsetIn(parameter: string): string | undefined {
  const equals = parameter.indexOf("=");
  if (equals === -1 || parameter.slice(0, equals).trim() !== "charset") return undefined;
  const value = parameter.slice(equals + 1).trim();
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
