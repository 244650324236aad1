import { breathe } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { StoreDeps } from "../deps.ts";
import { foretellBatch, importBatch } from "./batch.ts";
import { lineError, type ReadLine, readLine } from "./read-line.ts";
import type { LineOutcome } from "./schema.ts";

/** Lines in one write: more do not make it faster, and keep others waiting. */
const AT_ONCE = 100;

/**
 * Imports users, line by line (JSON lines), with flat memory: no more than a hundred are held at once.
 *
 * @param lines with their ends off; empty ones are skipped
 * @param dry_run only says what would become of them
 * @returns an outcome for each line that is not empty, in order, those of one write at a time
 * @throws DatabaseError when the database is unavailable: what was answered is done, and the same lines again go on
 */
export async function* importUsers(
  deps: StoreDeps,
  cause: Cause,
  lines: AsyncIterable<string> | Iterable<string>,
  dry_run = false,
): AsyncGenerator<readonly LineOutcome[]> {
  let held: (ReadLine | LineOutcome)[] = [];
  let number = 0;
  const flush = async () => {
    const batch = held;
    held = [];
    const read = batch.filter(isRead);
    const imported = dry_run ? await foretellBatch(deps, read) : await importBatch(deps, cause, read);
    await breathe();
    return batch.map((line) => (isRead(line) ? imported.shift() : line)).filter((outcome) => outcome !== undefined);
  };
  for await (const text of lines) {
    number++;
    const bare = number === 1 ? text.replace(/^\uFEFF/, "").trim() : text.trim();
    if (bare === "") continue;
    held.push(validated(number, bare));
    if (held.length >= AT_ONCE) yield await flush();
  }
  if (held.length > 0) yield await flush();
}

function validated(line: number, text: string): ReadLine | LineOutcome {
  try {
    return readLine(line, text);
  } catch (error) {
    if (!(error instanceof StoaError)) throw error;
    return { line, outcome: "refused", id: null, error: lineError(error) };
  }
}

function isRead(line: ReadLine | LineOutcome): line is ReadLine {
  return "email_key" in line;
}
