import { type FieldError, StoaError } from "@stoa/errors";
import { normalize } from "./normalize.ts";
import type { OperationSpec } from "./operation.ts";
import { decodeText, parseJson, refuseDuplicates } from "./strict-json.ts";
import type { Validator } from "./validator.ts";

/** The largest body of an operation that says nothing else, in bytes. */
export const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * Reads a body: checks size, media type, JSON and fields, in this order.
 *
 * @param validator of the body's schema; without one the body is not read
 * @throws StoaError `payload_too_large`, `unsupported_media_type`, `malformed_json`, `validation_failed`
 */
export async function readBody(
  request: Request,
  { maxBytes: max = DEFAULT_MAX_BYTES, mediaType }: OperationSpec,
  validator: Validator | undefined,
): Promise<unknown> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > max) throw tooLarge(max);
  if (!validator) return undefined;
  const type = request.headers.get("content-type");
  // A type that is given is checked before the bytes are read; that there is none matters only when there are bytes.
  if (type !== null && length !== "0") requireType(type, request.method, mediaType);
  const bytes = await bytesOf(request, length, max);
  if (bytes.byteLength === 0) {
    if (validator.optional) return undefined;
    throw new StoaError("malformed_json", { detail: "The request has no body." });
  }
  if (type === null) requireType("", request.method, mediaType);
  const text = decodeText(bytes);
  return mediaType === undefined ? jsonIn(text, validator) : valid(text, validator);
}

function jsonIn(text: string, validator: Validator): unknown {
  const { value, members } = parseJson(text);
  const normalized = normalize(value, validator.schema);
  if (normalized.members !== members) refuseDuplicates();
  return valid(without(normalized.value, validator.ignored), validator, normalized.errors);
}

/** One sentence a field: what is wrong with a text in itself comes before what the schema finds. */
function valid(value: unknown, validator: Validator, found: readonly FieldError[] = []): unknown {
  const named = new Set(found.map(({ path }) => path));
  const errors = [...found, ...validator.validate(value).filter(({ path }) => !named.has(path))];
  if (errors.length > 0) throw new StoaError("validation_failed", { errors });
  return value;
}

function without(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const body = value as Record<string, unknown>;
  for (const name of names) delete body[name];
  return body;
}

function requireType(header: string, method: string, wanted: string | undefined): void {
  const [type = "", ...parameters] = header.toLowerCase().split(";");
  const media = type.trim();
  const good =
    wanted === undefined
      ? media === "application/json" ||
        (media === "application/merge-patch+json" && (method === "PATCH" || method === "PUT"))
      : media === wanted;
  const charset = parameters
    .map((p) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(p)?.[1])
    .find((found) => found !== undefined);
  if (good && (charset === undefined || charset === "utf-8" || charset === "utf8")) return;
  throw new StoaError("unsupported_media_type", {
    detail:
      wanted === undefined ? "Send the body as application/json in UTF-8." : `Send the body as ${wanted} in UTF-8.`,
    headers: { accept: wanted ?? "application/json" },
  });
}

function tooLarge(max: number): StoaError {
  return new StoaError("payload_too_large", { detail: `The request body is larger than ${max} bytes.` });
}

/** The bytes of a body, counted as they come: `Content-Length` may be missing. */
async function bytesOf(request: Request, length: string | null, max: number): Promise<ArrayBuffer | Uint8Array> {
  if (length !== null) {
    const whole = await request.arrayBuffer();
    if (whole.byteLength > max) throw tooLarge(max);
    return whole;
  }
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream: the rest is never read.
    if (size > max) throw tooLarge(max);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
