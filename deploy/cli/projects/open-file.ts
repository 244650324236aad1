import { linesIn } from "@stoa/identity/import/lines";
import { csvRows, delimiterIn } from "./formats/csv.ts";
import { csvItems } from "./formats/csv-items.ts";
import type { CsvMap } from "./formats/csv-map.ts";
import type { FileItem, Unreadable } from "./formats/item.ts";
import { isPayload, jsonLines, payloadItems } from "./formats/json.ts";
import { isTrello, trelloItems } from "./formats/trello.ts";
import { isVikunja, vikunjaItems } from "./formats/vikunja.ts";

/** A file to import. It is read from its beginning as often as it is asked. */
export interface ImportFile {
  /** What it was found to be. */
  readonly format: string;
  items(): AsyncIterable<FileItem | Unreadable>;
  /** How much of each kind the format has that Stoa does not take. */
  readonly lost: ReadonlyMap<string, number>;
}

/** Characters of the longest line of JSON: a task with the longest description, each character escaped, fits. */
const LONGEST_LINE = 1_000_000;

/**
 * Finds out what a file is, by its name and what is in it. JSON is read whole; CSV and JSON lines are read in a stream.
 *
 * @throws Error when it is nothing that can be imported
 */
export async function openFile(path: string, map: CsvMap): Promise<ImportFile> {
  const file = Bun.file(path);
  if (!(await file.exists())) throw new Error("There is no such file.");
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const lost = new Map<string, number>();
  if (extension === "jsonl" || extension === "ndjson") {
    return { format: "JSON lines", items: () => jsonLines(linesIn(file.stream(), LONGEST_LINE)), lost };
  }
  if (extension === "csv" || extension === "tsv") {
    const [first = ""] = (await file.slice(0, 65_536).text()).split("\n");
    const delimiter = map.delimiter ?? delimiterIn(first);
    return { format: "CSV", items: () => csvItems(csvRows(textIn(file.stream()), delimiter), map), lost };
  }
  if (extension !== "json") throw new Error("A file to import ends with .json, .jsonl or .csv.");
  return { ...readJson(await file.text()) };
}

function readJson(text: string): ImportFile {
  const data = parsed(text);
  const found = (format: string, items: readonly (FileItem | Unreadable)[], lost: ReadonlyMap<string, number>) => ({
    format,
    items: () => each(items),
    lost,
  });
  if (isTrello(data)) {
    const { items, lost } = trelloItems(data);
    return found("a board of Trello", items, lost);
  }
  if (isVikunja(data)) {
    const { items, lost } = vikunjaItems(data);
    return found("an export of Vikunja", items, lost);
  }
  if (isPayload(data)) return found("JSON", payloadItems(data), new Map());
  throw new Error("This JSON is neither a payload of POST /data/save nor an export of Trello or Vikunja.");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Error("This is not JSON.", { cause: error });
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function* textIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
