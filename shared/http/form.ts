import { StoaError } from "@stoa/errors";

/** The media type of forms. */
export const FORM = "application/x-www-form-urlencoded";

/**
 * The fields of a form.
 *
 * Source: WHATWG URL, section 5.1, but that what is no UTF-8 is refused instead of replaced.
 *
 * @throws StoaError `validation_failed` for a field that comes twice, and for what is not percent-encoded UTF-8
 */
export function formFields(text: string): Record<string, string> {
  const fields = new Map<string, string>();
  for (const piece of text.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = decoded(equals === -1 ? piece : piece.slice(0, equals));
    if (fields.has(name)) throw refused(`/${name}`, "This field comes twice.");
    fields.set(name, equals === -1 ? "" : decoded(piece.slice(equals + 1)));
  }
  return Object.fromEntries(fields);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    throw refused("", "The form is not percent-encoded UTF-8.", error);
  }
}

function refused(path: string, message: string, cause?: unknown): StoaError {
  return new StoaError("validation_failed", { errors: [{ path, message }], cause });
}
