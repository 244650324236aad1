import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

/** Source texts by their path from the repository's root, with `/` between folders. */
export type Sources = ReadonlyMap<string, string>;

/** What an import refers to: a file of this repository, a package, or nothing. */
export type Target =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "missing" };

/** One import, of whatever kind: static, type-only, re-export or dynamic. */
export interface Import {
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
  readonly target: Target;
}

const builtin = new Set(builtinModules);

/** All imports of the sources, resolved as TypeScript and Bun resolve them here. */
export function importsOf(sources: Sources): Import[] {
  return [...sources].flatMap(([from, text]) =>
    specifiersOf(from, text).map(({ specifier, start }) => ({
      from,
      line: text.slice(0, start).split("\n").length,
      specifier,
      target: resolve(sources, from, specifier),
    })),
  );
}

function specifiersOf(path: string, text: string): { specifier: string; start: number }[] {
  const { module, program, errors } = parseSync(path, text);
  const error = errors[0];
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const found = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? [])),
  ].map(({ value, start }) => ({ specifier: value, start }));
  new Visitor({
    ImportExpression: ({ source, start }) => {
      if (source.type === "Literal") found.push({ specifier: String(source.value), start });
    },
    TSImportType: ({ source, start }) => {
      found.push({ specifier: source.value, start });
    },
  }).visit(program);
  return found;
}

function resolve(sources: Sources, from: string, specifier: string): Target {
  if (specifier.startsWith(".")) return fileAt(sources, normalize(join(dirname(from), specifier)));
  if (specifier.startsWith("@stoa/")) return workspaceFile(sources, specifier);
  if (specifier.startsWith("#")) return twinFile(sources, from, specifier);
  if (builtin.has(specifier.split("/")[0] ?? "")) return { kind: "package", name: `node:${specifier}` };
  const parts = specifier.split("/");
  return { kind: "package", name: parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/") };
}

/** `@stoa/db` is `index.ts`, `@stoa/db/ids` is `ids.ts` or `ids/index.ts`, as the packages' `exports` say. */
function workspaceFile(sources: Sources, specifier: string): Target {
  const [, name = "", ...rest] = specifier.split("/");
  const inside = rest.length === 0 ? ["index.ts"] : [`${rest.join("/")}.ts`, `${rest.join("/")}/index.ts`];
  const path = ["shared", "services"].flatMap((area) => inside.map((file) => `${area}/${name}/${file}`));
  return fileAt(sources, path.find((candidate) => sources.has(candidate)) ?? path[0] ?? "");
}

/**
 * `#file-engine` is `file-engine-bun.ts` on Bun and `file-engine-edge.ts` on Workers, in the same folder, as the package's
 * `imports` say. The rules check the one for Workers.
 */
function twinFile(sources: Sources, from: string, specifier: string): Target {
  const beside = join(...from.split("/").slice(0, 2), specifier.slice(1));
  if (!sources.has(`${beside}-bun.ts`)) return { kind: "missing" };
  return fileAt(sources, `${beside}-edge.ts`);
}

function fileAt(sources: Sources, path: string): Target {
  // Files that are not TypeScript (JSON, text) import nothing and have no rules.
  if (!path.endsWith(".ts")) return { kind: "package", name: path };
  return sources.has(path) ? { kind: "file", path } : { kind: "missing" };
}
