import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** What a column of a CSV file may be. */
export const fields = [
  "external_id",
  "title",
  "description",
  "status",
  "priority",
  "project",
  "parent",
  "labels",
  "assignees",
  "due_at",
  "start_at",
  "estimate_minutes",
] as const;

/** What a column of a CSV file may be. */
export type Field = (typeof fields)[number];

const Field = Type.Union(fields.map((field) => Type.Literal(field)));
const Words = Type.Record(Type.String(), Type.String());

/** What the columns of a CSV file are, as a file of JSON says it. */
export const CsvMap = Type.Object(
  {
    /** The field of each column, by the column's name; without it columns are called as the fields are. */
    columns: Type.Optional(Type.Record(Type.String(), Field)),
    /** What the words of a column mean: `{"status": {"Am Start": "pending"}}`. */
    values: Type.Optional(Type.Partial(Type.Object({ status: Words, priority: Words }))),
    /** What a field is where its cell is empty: `{"project": "Imported"}`. */
    defaults: Type.Optional(Words),
    /** How assignees are named: by `username` (the default) or `email`. */
    assignees_by: Type.Optional(Type.Union([Type.Literal("username"), Type.Literal("email")])),
    /** What stands between several labels, or assignees, in one cell; a comma unless given. */
    separator: Type.Optional(Type.String({ minLength: 1 })),
    /** What stands between cells; found out from the first line unless given. */
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1 })),
  },
  { additionalProperties: false },
);
/** What the columns of a CSV file are. */
export type CsvMap = Static<typeof CsvMap>;

/** @throws Error that says what is wrong with a map */
export function readMap(text: string): CsvMap {
  const map: unknown = JSON.parse(text);
  if (Value.Check(CsvMap, map)) {
    const unknown = Object.keys(map.defaults ?? {}).find((name) => !fields.some((field) => field === name));
    if (unknown === undefined) return map;
    throw new Error(`The map has a default for ${unknown}. Fields are ${fields.join(", ")}.`);
  }
  const [first] = Value.Errors(CsvMap, map);
  throw new Error(`The map is not right at ${first?.path || "/"}. Fields are ${fields.join(", ")}.`);
}

/**
 * Which cell of a row each field is.
 *
 * @throws Error when the file has no column for the id or the title
 */
export function columnsOf(header: readonly string[], { columns }: CsvMap): ReadonlyMap<Field, number> {
  const names = header.map((name) => name.trim());
  const found = new Map<Field, number>();
  for (const [index, name] of names.entries()) {
    const field = columns ? columns[name] : fields.find((one) => one === name.toLowerCase().replaceAll(/[\s-]+/g, "_"));
    if (field !== undefined && !found.has(field)) found.set(field, index);
  }
  for (const field of ["external_id", "title"] as const) {
    if (!found.has(field)) {
      throw new Error(`No column is the ${field}; the columns are ${names.join(", ")}. Say which with --map.`);
    }
  }
  return found;
}
