import { expect, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { temporaryDirectory } from "@stoa/testing";

const root = join(import.meta.dir, "..");

/** A fenced block of TypeScript that says where it goes. */
interface Snippet {
  readonly path: string;
  /** Where in a file that exists; undefined for a file of its own. */
  readonly anchor: { readonly side: "after" | "before"; readonly text: string } | undefined;
  readonly code: string;
}

/** The snippets of the guide, in their order. */
function snippetsOf(guide: string): Snippet[] {
  return [...guide.matchAll(/^```ts (\S+)=(\S+)(?: (after|before)=(".*"))?\n([\s\S]*?)^```$/gm)].map(
    ([, , path = "", side, text, code = ""]) => ({
      path,
      anchor:
        side === undefined ? undefined : { side: side as "after" | "before", text: JSON.parse(text ?? "") as string },
      code,
    }),
  );
}

/** Writes a snippet into a copy of the repository: a file, or lines beside the one line that the anchor names. */
function put(copy: string, { path, anchor, code }: Snippet): void {
  const file = join(copy, path);
  if (!anchor) {
    writeFileSync(file, code);
    return;
  }
  const text = readFileSync(file, "utf8");
  const at = text.indexOf(anchor.text);
  if (at === -1 || text.indexOf(anchor.text, at + 1) !== -1)
    throw new Error(`${path} does not have ${anchor.text} once.`);
  const end = anchor.side === "before" ? at : text.indexOf("\n", at) + 1;
  writeFileSync(file, text.slice(0, end) + code + text.slice(end));
}

/** The suites that look at every route, and so at the new ones. */
const suites = ["tests/documentation.test.ts", "tests/permissions.test.ts"];

/** Copies the repository's code without its other tests; the installed packages are linked, the workspace's own to the copy. */
function copyRepository(copy: string): void {
  for (const name of [
    "services",
    "shared",
    "deploy",
    "docs",
    "drizzle",
    "scripts",
    "tests",
    "package.json",
    "tsconfig.json",
    "bunfig.toml",
  ]) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) =>
        !/node_modules$/.test(path) && (!path.endsWith(".test.ts") || suites.includes(relative(root, path))),
    });
  }
  const modules = join(copy, "node_modules");
  mkdirSync(join(modules, "@stoa"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "@stoa") symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  for (const folder of ["services", "shared"]) {
    for (const name of readdirSync(join(copy, folder)))
      symlinkSync(join(copy, folder, name), join(modules, "@stoa", name));
  }
}

async function run(cwd: string, command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], {
    cwd,
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const [code, out, err] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${out}\n${err}`);
  return out + err;
}

test("the guide's feature compiles, migrates and passes its own test and those of every route, as it is written", async () => {
  await using folder = await temporaryDirectory("guide");
  copyRepository(folder.path);
  const snippets = snippetsOf(readFileSync(join(root, "docs/add-a-feature.md"), "utf8"));
  expect(snippets.length).toBeGreaterThan(7);
  for (const snippet of snippets) put(folder.path, snippet);
  const bun = process.execPath;
  await run(folder.path, [bun, "deploy/cli/main.ts", "db", "generate", "--service", "projects", "--name", "pins"]);
  await run(folder.path, [bun, join(root, "node_modules/typescript/bin/tsc"), "-p", "."]);
  await run(folder.path, [bun, "deploy/gateway/openapi.ts"]);
  // Of the permissions, the rows of the new routes.
  const names = "^pins |^401 |every (operation|schema|route) |projects (PUT|DELETE) /projects/:id/pin ";
  const output = await run(folder.path, [
    bun,
    "test",
    "services/projects/projects/pin.test.ts",
    ...suites,
    "-t",
    names,
  ]);
  for (const method of ["PUT", "DELETE"]) expect(output).toContain(`(pass) projects > ${method} /projects/:id/pin `);
}, 120_000);
