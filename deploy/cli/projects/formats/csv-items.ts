import type { DataTask } from "@stoa/projects/data/schema";
import { importedFields } from "@stoa/projects/tasks/schema";
import type { Row } from "./csv.ts";
import { type CsvMap, columnsOf, type Field } from "./csv-map.ts";
import { type FileItem, membersOf, type Unreadable } from "./item.ts";
import { priorityCalled, statusCalled } from "./words.ts";

/**
 * The items of a CSV file: each row is a task, of a project that is made by its name, assigned to users by their names, who
 * become developers of it. The first row says what the columns are called. Projects come last, when all of their people
 * have been read.
 *
 * @throws Error when the columns are not those that a task needs
 */
export async function* csvItems(rows: AsyncIterable<Row>, map: CsvMap): AsyncGenerator<FileItem | Unreadable> {
  let columns: ReadonlyMap<Field, number> | undefined;
  const seen = new Set<string>();
  const projects = new Map<string, { readonly at: string; readonly users: Set<string> }>();
  for await (const { line, cells } of rows) {
    if (!columns) {
      columns = columnsOf(cells, map);
      continue;
    }
    const row = new Cells(cells, columns, map);
    const [at, project] = [`line ${line}`, row.text("project")];
    yield* itemsOf(row, at, project, seen);
    if (project === "" || row.text("external_id") === "") continue;
    const known = projects.get(project) ?? { at, users: new Set<string>() };
    projects.set(project, known);
    for (const user of row.list("assignees")) known.users.add(user);
  }
  for (const [name, { at, users }] of projects) {
    yield { at, list: "projects", item: { external_id: name, name, ...membersOf(users) } };
  }
}

class Cells {
  readonly #cells: readonly string[];
  readonly #columns: ReadonlyMap<Field, number>;
  readonly #map: CsvMap;

  constructor(cells: readonly string[], columns: ReadonlyMap<Field, number>, map: CsvMap) {
    this.#cells = cells;
    this.#columns = columns;
    this.#map = map;
  }

  get by() {
    return this.#map.assignees_by ?? "username";
  }

  has(field: Field): boolean {
    return this.#columns.has(field) || this.#map.defaults?.[field] !== undefined;
  }

  /** The text of a cell, or what stands for an empty one; empty when there is none. */
  text(field: Field): string {
    const index = this.#columns.get(field);
    const cell = index === undefined ? "" : (this.#cells[index] ?? "").trim();
    return cell === "" ? (this.#map.defaults?.[field] ?? "") : cell;
  }

  list(field: Field): string[] {
    const separator = this.#map.separator ?? ",";
    return [...new Set(partsOf(this.text(field), separator).filter((part) => part !== ""))];
  }

  /** A word as the map says it, or as it is known to be called; else as it is, for the server to refuse. */
  word(field: "status" | "priority", called: (name: string) => string | undefined): string | null {
    const text = this.text(field);
    if (text === "") return null;
    return this.#map.values?.[field]?.[text] ?? called(text) ?? text;
  }
}

function* itemsOf(cells: Cells, at: string, project: string, seen: Set<string>): Generator<FileItem | Unreadable> {
  const external_id = cells.text("external_id");
  if (external_id === "") return yield { at, reason: "It has no external_id." };
  yield { at, list: "tasks", item: taskIn(cells, external_id, project) };
  for (const user of cells.list("assignees")) {
    if (!seen.has(user)) {
      seen.add(user);
      yield { at, list: "users", item: { external_id: user, [cells.by]: user } };
    }
    yield { at, list: "assignees", item: { external_id: `${external_id} ${user}`, task: external_id, user } };
  }
}

/** The task of a row. What is not right in it the server refuses: only columns that are there say something. */
function taskIn(cells: Cells, external_id: string, project: string): DataTask {
  const said = (field: Field, value: () => unknown) => (cells.has(field) ? { [field]: value() } : {});
  const orNull = (text: string) => (text === "" ? null : text);
  return {
    external_id,
    title: cells.text("title"),
    ...said("description", () => orNull(cells.text("description"))),
    ...said("status", () => cells.word("status", statusCalled)),
    ...said("priority", () => cells.word("priority", priorityCalled)),
    ...said("project", () => orNull(project)),
    ...said("parent", () => orNull(cells.text("parent"))),
    ...said("labels", () => cells.list("labels")),
    ...said("due_at", () => timeIn(cells.text("due_at"))),
    ...("start_at" in importedFields && said("start_at", () => timeIn(cells.text("start_at")))),
    ...said("estimate_minutes", () => numberIn(cells.text("estimate_minutes"))),
  };
}

/** A day is its beginning in UTC; everything else the server reads as RFC 3339. */
const timeIn = (text: string) => (text === "" ? null : /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);

const numberIn = (text: string) => (text === "" ? null : Number.isNaN(Number(text)) ? text : Number(text));

/** The parts of a list in a cell, parted by a separator; one within quotes may have it in itself, and doubled quotes. */
function partsOf(text: string, separator: string): string[] {
  const parts: string[] = [];
  for (let rest = text.trim(); rest !== ""; ) {
    const quoted = /^"((?:[^"]|"")*)"\s*/.exec(rest);
    const after = quoted && rest.slice(quoted[0].length);
    if (quoted && after !== null && (after === "" || after.startsWith(separator))) {
      parts.push((quoted[1] ?? "").replaceAll('""', '"'));
      rest = after;
    } else {
      const end = rest.indexOf(separator);
      parts.push((end === -1 ? rest : rest.slice(0, end)).trim());
      rest = end === -1 ? "" : rest.slice(end);
    }
    rest = rest.startsWith(separator) ? rest.slice(separator.length).trimStart() : rest;
  }
  return parts;
}
