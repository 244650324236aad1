import type { TSchema } from "@sinclair/typebox";
import { badValues } from "./bad-values.ts";
import type { Operation } from "./operations.ts";
import type { BadRequest } from "./refusals.ts";
import { bodyOf, propertiesOf, solid, typesOf } from "./samples.ts";

/** The maximum length of texts by the name of their field. */
const longest: Readonly<Record<string, number>> = {
  title: 255,
  name: 255,
  full_name: 255,
  username: 50,
  email: 254,
  description: 20_000,
  bio: 20_000,
  content: 16_000,
};

/** Whether a field of a body is ignored: `version` and times that the operation does not take. */
export function isIgnored({ spec }: Operation, name: string): boolean {
  if (spec.ignored?.includes(name)) return true;
  const own = propertiesOf(spec.body)[name];
  return (name === "version" || name.endsWith("_at")) && (own === undefined || own["readOnly"] === true);
}

/** Invalid fields, one at a time in an otherwise valid body. */
export function* badFields(operation: Operation): Iterable<BadRequest> {
  const good = bodyOf(operation);
  const schema = operation.spec.body;
  if (!good || schema?.["type"] !== "object") return;
  const refused = (what: string, json: unknown, at: string): BadRequest => ({
    what,
    sending: { json },
    expected: { status: 422, code: "validation_failed", at },
  });
  yield refused("an unknown field", { ...good, no_such_field: 1 }, "/no_such_field");
  yield refused(
    "__proto__",
    JSON.parse(`{"__proto__":{"a":1},${JSON.stringify(good).slice(1)}`.replace(",}", "}")),
    "/__proto__",
  );
  yield refused("a field with NUL in its name", { ...good, "a\0b": 1 }, "/a\0b");
  for (const name of (schema["required"] ?? []) as string[]) {
    const { [name]: _, ...rest } = good;
    yield refused(`without ${name}`, rest, `/${name}`);
  }
  for (const [name, field] of Object.entries(propertiesOf(schema))) {
    if (isIgnored(operation, name)) continue;
    // This is well-formed JSON, but it is too large for a number and is read as Infinity.
    const endless = JSON.stringify({ ...good, [name]: "@" }).replace(`"${name}":"@"`, `"${name}":1e999`);
    if (typesOf(field).length > 0) {
      const expected = { status: 422, code: "validation_failed", at: `/${name}` };
      yield { what: `${name} beyond all numbers`, sending: { raw: endless }, expected };
    }
    for (const { what, value, at } of badValues(field)) {
      yield refused(`${name} ${what}`, { ...good, [name]: value }, `/${name}${at}`);
    }
  }
}

/** Fields whose maximum length differs from the contract. */
export function wrongLimits({ name: operation, spec }: Operation): string[] {
  return Object.entries(propertiesOf(spec.body)).flatMap(([name, field]) => {
    const max = limitOf(name, operation);
    const { type, maxLength, items } = solid(field);
    const found = name === "labels" ? (items as TSchema)["maxLength"] : maxLength;
    return max === undefined || (type !== "string" && type !== "array") || found === max
      ? []
      : [`${operation}: ${name} may have ${String(found)}, not ${max}`];
  });
}

function limitOf(name: string, operation: string): number | undefined {
  if (name === "labels") return 50;
  // A login takes an e-mail address in `username`, and a corporate directory has names of its own.
  if (name === "username" && operation === "POST /auth/login") return 254;
  if (name === "username" && /\/login(?:\/external)?$/.test(operation)) return undefined;
  return longest[name];
}
