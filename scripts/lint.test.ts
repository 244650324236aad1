import { expect, test } from "bun:test";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";

const root = join(import.meta.dir, "..");

/** The lint rules that a file breaks, as `line rule`. */
async function brokenBy(path: string, text: string): Promise<string[]> {
  await using directory = await temporaryDirectory("lint");
  await mkdir(directory.path, { recursive: true });
  for (const file of ["biome.json", ".gitignore"]) await cp(join(root, file), join(directory.path, file));
  await Bun.write(join(directory.path, path), text);
  await Bun.write(join(directory.path, "shared/db/verbs.ts"), "export const save = async (): Promise<number> => 1;\n");
  const biome = Bun.spawn(
    [process.execPath, join(root, "node_modules/.bin/biome"), "lint", "--reporter=github", directory.path],
    { cwd: directory.path, stdout: "pipe", stderr: "pipe" },
  );
  const output = await new Response(biome.stdout).text();
  return [...output.matchAll(/title=lint\/\w+\/(\w+),.*?line=(\d+),/g)]
    .map(([, rule, line]) => `${line} ${rule}`)
    .sort();
}

test("a promise that is not awaited is refused, also one from another file", async () => {
  const text = `import { save } from "./verbs.ts";

export function careless(store: { write(): Promise<void> }): void {
  save();
  store.write();
  [1].map(async () => save());
  if (save()) store.write().catch(() => undefined);
}

export async function careful(): Promise<number> {
  return await save();
}
`;
  const floating = "noFloatingPromises";
  expect(await brokenBy("shared/db/planted.ts", text)).toEqual([
    `4 ${floating}`,
    `5 ${floating}`,
    `6 ${floating}`,
    "7 noMisusedPromises",
  ]);
});

test("portable code may not use process, Bun or Buffer; main.ts and tests may", async () => {
  const text = "export const seen = [process.env, Bun.version, Buffer.from([])];\n";
  expect(await brokenBy("services/projects/tasks/create.ts", text)).toEqual(Array(3).fill("1 noRestrictedGlobals"));
  expect(await brokenBy("services/projects/main.ts", text)).toEqual([]);
  expect(await brokenBy("services/projects/tasks/create.test.ts", text)).toEqual([]);
});

test("any and empty catch blocks are refused", async () => {
  const text = "export function f(x: any): void {\n  try {\n    x();\n  } catch {}\n}\n";
  expect(await brokenBy("shared/db/planted.ts", text)).toEqual(["1 noExplicitAny", "4 noEmptyBlockStatements"]);
});

test("the driver that loads a second SQLite is refused, except in tests", async () => {
  const text = 'export { createClient } from "@libsql/client";\nexport { drizzle } from "drizzle-orm/libsql";\n';
  const refused = ["1 noRestrictedImports", "2 noRestrictedImports"];
  expect(await brokenBy("shared/db/planted.ts", text)).toEqual(refused);
  expect(await brokenBy("deploy/standalone/planted.ts", text)).toEqual(refused);
  expect(await brokenBy("shared/db/planted.test.ts", text)).toEqual([]);
  expect(await brokenBy("shared/db/planted.ts", 'export { createClient } from "@libsql/client/http";\n')).toEqual([]);
});
