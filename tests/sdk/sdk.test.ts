import { afterAll, expect, test } from "bun:test";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A generated SDK compiles, and a program that uses it does. The generator is @hey-api/openapi-ts with a TypeScript 5
 * of its own (TypeScript 7 has no API for it yet), installed by `bun run pretest`; the compiler is the repository's.
 */
const here = import.meta.dir;
const root = join(here, "../..");
const folder = await mkdtemp(join(tmpdir(), "stoa-sdk-"));
afterAll(() => rm(folder, { recursive: true }));

async function run(...command: readonly string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, ...command], { cwd: folder, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect({ code: await child.exited, output: out + err }).toMatchObject({ code: 0 });
}

test("a TypeScript SDK is generated from the document, named by the operations' ids, and its user compiles", async () => {
  const generator = join(here, "node_modules/@hey-api/openapi-ts/bin/run.js");
  if (!(await Bun.file(generator).exists())) {
    throw new Error("The SDK's generator is not installed; run: bun run pretest");
  }
  await run(generator, "--input", join(root, "docs/openapi.json"), "--output", "client", "--silent", "--no-log-file");
  await cp(join(here, "consumer.ts"), join(folder, "consumer.ts"));
  const compilerOptions = {
    target: "ESNext",
    module: "Preserve",
    moduleResolution: "bundler",
    lib: ["ESNext", "DOM", "DOM.Iterable"],
    types: [],
    strict: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  await Bun.write(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  await run(join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
}, 60_000);
