/** Writes the reference of stream events in `docs/events.md` from their schemas; with `--check`, fails when it is outdated. */
import { join } from "node:path";
import type { TSchema } from "@sinclair/typebox";
import { streamEvents } from "@stoa/messaging/stream/events";
import { current } from "./current.ts";

const path = "docs/events.md";
const begin = "<!-- The rest is written by `bun scripts/stream-events.ts`. -->";

/** What a schema may have that is shown. TypeBox's types do not say it for schemas in general. */
type Shown = TSchema & {
  readonly const?: unknown;
  readonly anyOf?: readonly Shown[];
  readonly documented?: Shown;
  readonly items?: Shown;
  readonly properties?: Readonly<Record<string, Shown>>;
  readonly required?: readonly string[] | undefined;
};

/** Objects that several events have, by their titles. */
type Shapes = Map<string, Shown>;

/** `docs/events.md` with its reference written anew. */
export function withReference(page: string): string {
  const [introduction = ""] = page.split(begin);
  const shapes: Shapes = new Map();
  const events = Object.entries(streamEvents).map(([name, { data, means }]) => {
    return `### \`${name}\`\n\n${means}\n\n${block(bodyOf(data, shapes))}`;
  });
  const named: string[] = [];
  // A shape may need others, which are added while the first are written.
  for (const [name, shape] of shapes) named.push(`### ${name}\n\n${block(fieldsOf(shape, shapes))}`);
  return `${[introduction.trimEnd(), begin, "## Events", ...events, "## Shapes", ...named].join("\n\n")}\n`;
}

const block = (text: string) => `\`\`\`text\n${text}\n\`\`\``;

/** What an event has: its fields, unless they are a shape of several events, or one of several. */
function bodyOf(schema: Shown, shapes: Shapes): string {
  if (schema.anyOf) return schema.anyOf.map((each) => fieldsOf(each, shapes)).join("\n| ");
  return resources.has(String(schema["title"])) ? typeOf(schema, shapes) : fieldsOf(schema, shapes);
}

/** What has a GET of its own, and is the same here. */
const resources = new Set(["Message", "Notification"]);

function fieldsOf({ properties = {}, required = [] }: Shown, shapes: Shapes): string {
  const lines = Object.entries(properties).map(([name, field]) => {
    const { description } = field.documented ?? field;
    const note = typeof description === "string" ? ` // ${description}` : "";
    return `  ${name}${required.includes(name) ? "" : "?"}: ${typeOf(field, shapes)};${note}`;
  });
  return `{\n${lines.join("\n")}\n}`;
}

function typeOf(schema: Shown, shapes: Shapes): string {
  if (schema.documented) return typeOf(schema.documented, shapes);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema["enum"])) return schema["enum"].map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map((each) => typeOf(each, shapes)))].join(" | ");
  if (schema.items) {
    const item = typeOf(schema.items, shapes);
    return item.includes("|") ? `(${item})[]` : `${item}[]`;
  }
  if (schema.properties) {
    const { title } = schema;
    if (title === undefined) return inline(schema, shapes);
    if (!shapes.has(title)) shapes.set(title, schema);
    return title;
  }
  const type = String(schema["type"] ?? "unknown");
  return type === "integer" ? "number" : type;
}

function inline({ properties = {} }: Shown, shapes: Shapes): string {
  return `{ ${Object.entries(properties)
    .map(([name, field]) => `${name}: ${typeOf(field, shapes)}`)
    .join("; ")} }`;
}

if (import.meta.main) {
  const page = await Bun.file(join(import.meta.dir, "..", path)).text();
  await current([{ path, text: withReference(page) }], "bun scripts/stream-events.ts");
}
