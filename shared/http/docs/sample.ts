import type { Schema } from "./openapi.ts";

const id = "01a0a0a0-7000-7000-8000-000000000001";
const time = "2026-11-20T09:00:00.000Z";

/** What strings of a format look like. */
const formats: Readonly<Record<string, string>> = { uuid: id, "date-time": time, date: "2026-11-20" };

/** What strings of a name look like. */
const texts: readonly [RegExp, string][] = [
  [/^timestamp$/, time],
  [/^(status|database)$/, "ok"],
  [/^version$/, "1.0.0"],
  [/^environment$/, "production"],
  [/^alg$/, "ES256"],
  [/(^|_)ids?$/, id],
  [/_at$|_before$|_after$|^time$|^since$|^until$/, time],
  [/_on$|^from$|^to$/, "2026-11-20"],
  [/email/, "ada@example.com"],
  [/username/, "ada"],
  [/full_name/, "Ada Lovelace"],
  [/password/, "correct horse battery staple"],
  [/token|credential|secret/, "…"],
  [/url/, "https://example.com"],
  [/^(key|slug)$/, "APP"],
  [/ip_address/, "192.0.2.1"],
  [/title/, "Write the report"],
  [/name/, "Apollo"],
];

/**
 * An example of a schema, for operations that give none: its own example or default, the first of its choices, else
 * something that its name suggests.
 */
export function sample(schema: Schema, name = ""): unknown {
  for (const key of ["example", "const", "default"]) if (key in schema) return schema[key];
  for (const key of ["examples", "enum"]) if (Array.isArray(schema[key])) return schema[key][0];
  if (name === "next_cursor") return null;
  const choice = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choice)) return sample(choice[0] as Schema, name);
  if (Array.isArray(schema["allOf"])) return Object.assign({}, ...schema["allOf"].map((part) => sample(part, name)));
  switch (Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"]) {
    case "object":
      return Object.fromEntries(
        Object.entries((schema["properties"] ?? {}) as Record<string, Schema>).flatMap(([key, part]) =>
          part["readOnly"] === true ? [] : [[key, sample(part, key)]],
        ),
      );
    case "array":
      return typeof schema["items"] === "object" ? [sample(schema["items"] as Schema, name)] : [];
    case "string":
      return formats[String(schema["format"])] ?? texts.find(([pattern]) => pattern.test(name))?.[1] ?? "text";
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? Math.max(1, schema["minimum"]) : 1;
    case "boolean":
      return true;
    default:
      return null;
  }
}
