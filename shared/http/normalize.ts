import { Kind, type TSchema } from "@sinclair/typebox";
import { type FieldError, MOST_ERRORS } from "@stoa/errors";
import { hasLongRun, tooManyMarks } from "./marks.ts";
import { idAsStored, utc } from "./schemas/index.ts";

/** A value ready to be validated, and what is wrong with its texts whatever the schema. */
export interface Normalized {
  readonly value: unknown;
  readonly errors: readonly FieldError[];
  /** How many members all its objects have together. */
  readonly members: number;
}

/**
 * Walks a parsed body once: trims its strings at the ends and brings them to NFC (schemas marked `verbatim` are left
 * alone, those marked `untrimmed` are not trimmed), brings times to UTC and ids to lower case, and refuses NUL characters,
 * lone surrogates and long runs of combining marks anywhere, in names too. No text is normalized before it was checked for such runs, which would take quadratic time.
 * Nor is one that is too long whatever NFC makes of it: a text of runs that are just short enough costs thirteen times as much as letters.
 *
 * @param anyCase takes `Pending` and `In Progress` for `pending` and `in_progress` where one of several names is asked for
 */
export function normalize(value: unknown, schema: TSchema | undefined, anyCase = false): Normalized {
  const walk = new Walk(anyCase);
  return { value: walk.value(value, schema, ""), errors: walk.errors, members: walk.members };
}

class Walk {
  readonly errors: FieldError[] = [];
  members = 0;

  constructor(readonly anyCase: boolean) {}

  value(value: unknown, schema: TSchema | undefined, path: string): unknown {
    if (typeof value === "string") return this.text(value, schema, path);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      const items = schema && itemsOf(schema);
      for (let i = 0; i < value.length; i++) {
        const item: unknown = value[i];
        // Only texts and what holds some need a path.
        if (typeof item === "string" || typeof item === "object") value[i] = this.value(item, items, `${path}/${i}`);
      }
      return value;
    }
    return this.object(value as Record<string, unknown>, schema, path);
  }

  object(value: Record<string, unknown>, schema: TSchema | undefined, path: string): unknown {
    for (const name of Object.keys(value)) {
      this.members++;
      const at = `${path}/${pointer(name)}`;
      this.refuse(name, at);
      const normal = this.value(value[name], schema && memberOf(schema, name), at);
      // `__proto__` is an own property here (JSON.parse made it one), and assigning would set the prototype instead.
      if (normal !== value[name])
        Object.defineProperty(value, name, { value: normal, enumerable: true, writable: true, configurable: true });
    }
    return value;
  }

  text(text: string, schema: TSchema | undefined, path: string): string {
    if (!this.refuse(text, path)) return text;
    if (schema === undefined) return text;
    const { verbatim, untrimmed, time, id, words, most } = treatmentOf(schema);
    if (verbatim) return text;
    const trimmed = untrimmed ? text : text.trim();
    if (trimmed.length > most) return trimmed;
    const normal = trimmed.normalize("NFC");
    if (this.anyCase && words.size > 0) {
      const word = normal.toLowerCase().replace(/[ -]/g, "_");
      if (words.has(word)) return word;
    }
    if (time) return utc(normal) ?? normal;
    return id ? idAsStored(normal) : normal;
  }

  refuse(text: string, path: string): boolean {
    if (text.includes("\0")) this.add(path, "Text must not contain NUL characters.");
    else if (!text.isWellFormed()) this.add(path.toWellFormed(), "Text must not contain lone surrogates.");
    else if (hasLongRun(text)) this.add(path, tooManyMarks);
    else return true;
    return false;
  }

  add(path: string, message: string): void {
    if (this.errors.length < MOST_ERRORS) this.errors.push({ path, message });
  }
}

/** A member's name in a JSON pointer (RFC 6901, section 3). */
export function pointer(name: string): string {
  return name.includes("~") || name.includes("/") ? name.replaceAll("~", "~0").replaceAll("/", "~1") : name;
}

interface Treatment {
  readonly verbatim: boolean;
  readonly untrimmed: boolean;
  readonly time: boolean;
  readonly id: boolean;
  /** The texts that it takes, where it takes no others: one of several names. */
  readonly words: ReadonlySet<string>;
  /** A text of more code units is refused, whatever NFC makes of it. */
  readonly most: number;
}

const treatments = new WeakMap<TSchema, Treatment>();

function treatmentOf(schema: TSchema): Treatment {
  let treatment = treatments.get(schema);
  if (!treatment) {
    const all = withBranches(schema);
    treatment = {
      verbatim: all.some((s) => s["verbatim"] === true),
      untrimmed: all.some((s) => s["untrimmed"] === true),
      time: all.some((s) => s[Kind] === "StoaTime" || s["format"] === "date-time"),
      id: all.some((s) => s[Kind] === "StoaId" || s["reference"] === true),
      words: new Set(all.flatMap(wordsIn)),
      most: Math.max(...all.map(longestIn)) * MOST_SHORTENED,
    };
    treatments.set(schema, treatment);
  }
  return treatment;
}

/**
 * How many code units may become one code point: NFC composes at most four code points (Unicode Standard Annex #15; U+1F82
 * is one of those that need four), and each has one or two code units.
 */
const MOST_SHORTENED = 4 * 2;

/** No id, time or word is longer. */
const longestWord = 256;

/** How many code points a text may have that this schema, without its branches, takes; 0 when it takes no text. */
function longestIn(schema: TSchema): number {
  if (typeof schema["maxLength"] === "number") return schema["maxLength"];
  if (/^Stoa(Id|Time|Day|OneOf)$/.test(schema[Kind]) || typeof schema["const"] === "string") return longestWord;
  if (schema["type"] === "string") return Number.POSITIVE_INFINITY;
  return schema["type"] === undefined && branches(schema).length === 0 ? Number.POSITIVE_INFINITY : 0;
}

function wordsIn(schema: TSchema): string[] {
  const list: unknown[] = [schema["const"], ...(Array.isArray(schema["enum"]) ? schema["enum"] : [])];
  return list.filter((word) => typeof word === "string");
}

/** The schema and every one that it may be instead; a patch may be null or one of a union. */
function withBranches(schema: TSchema): TSchema[] {
  return [schema, ...branches(schema).flatMap(withBranches)];
}

function branches(schema: TSchema): TSchema[] {
  // What a merge patch may send back as it was fetched is taken as what the answer documents.
  const documented = schema["documented"] === undefined ? [] : [schema["documented"]];
  return [
    ...(schema["anyOf"] ?? []),
    ...(schema["oneOf"] ?? []),
    ...(schema["allOf"] ?? []),
    ...documented,
  ] as TSchema[];
}

function memberOf(schema: TSchema, name: string): TSchema | undefined {
  const properties = schema["properties"] as Record<string, TSchema> | undefined;
  if (properties && Object.hasOwn(properties, name)) return properties[name];
  for (const branch of branches(schema)) {
    const found = memberOf(branch, name);
    if (found) return found;
  }
  const patterns = schema["patternProperties"] as Record<string, TSchema> | undefined;
  if (patterns) return Object.values(patterns)[0];
  const additional: unknown = schema["additionalProperties"];
  return typeof additional === "object" ? (additional as TSchema) : undefined;
}

function itemsOf(schema: TSchema): TSchema | undefined {
  const items: unknown = schema["items"];
  if (typeof items === "object" && items !== null && !Array.isArray(items)) return items as TSchema;
  for (const branch of branches(schema)) {
    const found = itemsOf(branch);
    if (found) return found;
  }
  return undefined;
}
