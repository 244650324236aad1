/**
 * Writes `docs/openapi.json`, one document for all services, as a new standalone serves it:
 * `bun deploy/gateway/openapi.ts [--check] [--url http://localhost:8080]`. With --check, nothing is written, and an
 * outdated file is an error. With --url, the document is fetched from an instance that is already running.
 */
import { parseArgs } from "node:util";
import { documentAt, freshDocument, type Operations } from "./fresh.ts";

const target = Bun.file(new URL("../../docs/openapi.json", import.meta.url));

/** What changed between two documents: operations that were added (+), removed (-) or changed (~). */
export function differences(before: Operations, after: Operations): string[] {
  const old = operationsOf(before);
  const now = operationsOf(after);
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.flatMap((name) => {
    if (!now.has(name)) return [`- ${name}`];
    if (!old.has(name)) return [`+ ${name}`];
    return old.get(name) === now.get(name) ? [] : [`~ ${name}`];
  });
}

function operationsOf({ paths }: Operations): Map<string, string> {
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, made]): [string, string] => [
        `${method.toUpperCase()} ${path}`,
        JSON.stringify(made),
      ]),
    ),
  );
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: "boolean" }, url: { type: "string" } } });
  const document = values.url === undefined ? await freshDocument() : await documentAt(values.url);
  const wanted = `${JSON.stringify(document, null, 2)}\n`;
  const present = (await target.exists()) ? await target.text() : '{ "paths": {} }';
  if (!values.check) {
    await Bun.write(target, wanted);
    console.log(`docs/openapi.json: ${operationsOf(document).size} operations`);
  } else if (present !== wanted) {
    console.error("docs/openapi.json is not current; run: bun deploy/gateway/openapi.ts");
    for (const line of differences(JSON.parse(present) as Operations, document)) console.error(`  ${line}`);
    process.exitCode = 1;
  }
}
