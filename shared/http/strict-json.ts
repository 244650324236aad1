import { StoaError } from "@stoa/errors";

/** How deep a body may nest. */
const DEPTH = 64;

/** How many members the objects of a body may have together. Each costs far more than the bytes of a text. */
const MOST_MEMBERS = 20_000;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text. @throws StoaError `malformed_json` for what is not UTF-8. */
export function decodeText(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new StoaError("malformed_json", { detail: "The request body is not UTF-8.", cause });
  }
}

/** A parsed body, and how many members its objects have in the text: fewer in the value means a name given twice. */
export interface Parsed {
  readonly value: unknown;
  readonly members: number;
}

/**
 * Parses JSON as RFC 8259 has it, no deeper than 64 and with at most 20,000 members.
 *
 * @throws StoaError `malformed_json`, with no part of the body in it.
 */
export function parseJson(text: string): Parsed {
  const members = countMembers(text);
  if (members > MOST_MEMBERS)
    throw new StoaError("malformed_json", { detail: `The request body has more than ${MOST_MEMBERS} members.` });
  try {
    return { value: JSON.parse(text), members };
  } catch (cause) {
    throw new StoaError("malformed_json", { cause });
  }
}

/** @throws StoaError always: for the caller that found fewer members than there are in the text. */
export function refuseDuplicates(): never {
  throw new StoaError("malformed_json", { detail: "An object in the request body has the same name twice." });
}

/** Counts the colons outside strings, each of which is a member of an object if the text is JSON at all. */
function countMembers(text: string): number {
  let depth = 0;
  let members = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = endOfString(text, i);
    else if (c === 0x3a) members++;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > DEPTH)
        throw new StoaError("malformed_json", { detail: `The request body nests deeper than ${DEPTH}.` });
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return members;
}

/** The index of the quote that ends the string begun at `start`; the text's end when none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
