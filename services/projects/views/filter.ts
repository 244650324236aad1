import { Type } from "@sinclair/typebox";
import { StoaError } from "@stoa/errors";
import { queryReader } from "@stoa/http/query";
import { TasksQuery } from "../tasks/schema.ts";

/** The query of `GET /tasks` without page and sort. */
export type ViewFilter = Readonly<Record<string, unknown>>;

/** Parameters of `GET /tasks` that are no filter, and the project, which the view has already. */
const others = ["limit", "cursor", "skip", "count", "sort", "project_id"];

/** The filters that a view may have, each with its schema. */
export const filters = Object.entries(TasksQuery.properties).filter(([name]) => !others.includes(name));

const read = queryReader(Type.Object(Object.fromEntries(filters), { additionalProperties: false }));

/**
 * Reads a filter as `GET /tasks` reads its query, so that what is saved can be asked.
 *
 * @returns the values as that query takes them: times in UTC, lists as lists
 * @throws StoaError `validation_failed`, naming every value at fault.
 */
export function readFilter(filter: ViewFilter): ViewFilter {
  const search = Object.entries(filter).map(([name, value]) => `${name}=${encodeURIComponent(textOf(name, value))}`);
  try {
    return read(search.join("&")) as ViewFilter;
  } catch (error) {
    if (!(error instanceof StoaError)) throw error;
    const errors = (error.errors ?? []).map((each) => ({ ...each, path: each.path.replace("/query/", "/filter/") }));
    throw new StoaError("validation_failed", { errors, cause: error });
  }
}

/** A filter as it was saved, whose values are lists where `GET /tasks` took one value when it was saved, and takes several now. */
export function withLists(saved: ViewFilter): ViewFilter {
  const isText = (name: string) => typeof saved[name] === "string";
  const single = filters.filter(([name, { type }]) => type === "array" && isText(name));
  return { ...saved, ...Object.fromEntries(single.map(([name]) => [name, [saved[name]]])) };
}

/** A value as it stands in a query: a list with commas, and what has a comma or a quote itself in quotes. */
function textOf(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.map((item) => (/[",]/.test(item) ? `"${item.replaceAll('"', '""')}"` : item)).join(",");
  }
  const message = "This must be text, a number, true or false, or a list of texts.";
  throw new StoaError("validation_failed", { errors: [{ path: `/filter/${name}`, message }] });
}
