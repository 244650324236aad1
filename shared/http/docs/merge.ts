import { canonicalJson } from "../canonical-json.ts";
import { infoOf, inOrder } from "./info.ts";
import type { OpenApiDocument, Schema } from "./openapi.ts";

/**
 * All services in one document. A schema that two services call by the same name stays one when they agree, and
 * bears the service's name in the later ones when they do not: `Member`, `ProjectsMember`.
 *
 * @param documents by service, in the order of their precedence
 */
export function mergeDocuments(documents: ReadonlyMap<string, OpenApiDocument>, version: string): OpenApiDocument {
  const merged: OpenApiDocument = {
    openapi: "3.1.0",
    info: infoOf("Stoa", version),
    servers: [{ url: "/" }],
    tags: [],
    paths: {},
    components: { schemas: {}, headers: {}, examples: {}, securitySchemes: {} },
  };
  for (const [service, document] of documents) add(merged, renamed(service, document, merged.components.schemas));
  const tags = new Map(merged.tags.map((tag) => [tag.name, tag]));
  merged.tags = inOrder([...tags.values()]);
  return merged;
}

function add(merged: OpenApiDocument, document: OpenApiDocument): void {
  merged.tags.push(...document.tags);
  for (const [path, methods] of Object.entries(document.paths)) {
    // What every service has, its health, is documented once, as the gateway answers it.
    merged.paths[path] = { ...methods, ...merged.paths[path] };
  }
  Object.assign(merged.components.schemas, document.components.schemas);
  Object.assign(merged.components.headers, document.components.headers);
  Object.assign(merged.components.examples, document.components.examples);
  Object.assign(merged.components.securitySchemes, document.components.securitySchemes);
}

function renamed(service: string, document: OpenApiDocument, taken: Readonly<Record<string, Schema>>): OpenApiDocument {
  const { components } = document;
  const names = new Map<string, string>();
  for (const [name, schema] of Object.entries(components.schemas)) {
    const known = taken[name];
    if (known && canonicalJson(known) !== canonicalJson(schema)) names.set(name, capital(service) + name);
  }
  if (names.size === 0) return document;
  return renameIn(document, names) as OpenApiDocument;
}

const prefix = "#/components/schemas/";

function renameIn(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string" && value.startsWith(prefix)) {
    const name = value.slice(prefix.length);
    return prefix + (names.get(name) ?? name);
  }
  if (Array.isArray(value)) return value.map((item) => renameIn(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === "components") return [key, renameComponents(inner as OpenApiDocument["components"], names)];
      return [key, renameIn(inner, names)];
    }),
  );
}

function renameComponents(components: OpenApiDocument["components"], names: ReadonlyMap<string, string>) {
  return {
    ...components,
    schemas: Object.fromEntries(
      Object.entries(components.schemas).map(([name, schema]) => [names.get(name) ?? name, renameIn(schema, names)]),
    ),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
