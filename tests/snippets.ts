import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./topologies/local-service.ts";

/** The shell snippets of a page of the documentation, in their order. */
export function snippetsOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, code = ""]) => code);
}

/** The indented lines of a page that begin with this, without what is said beside them. */
export function commandsOf(page: string, begin: string): string[] {
  const lines = readFileSync(join(root, page), "utf8").split("\n");
  return lines.filter((line) => line.startsWith(`    ${begin}`)).map((line) => line.trim().split(/ {2,}/)[0] ?? "");
}

/** How a snippet is run. */
export interface Shell {
  /** The folder in which it runs; it gets programs of its own there. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs shell code as someone would who copies it from a page, with `curl`, `bun` and `./stoa` at hand; it ends at the first
 * command that fails.
 */
export async function shell(code: string, { folder, env = {} }: Shell) {
  const program = (name: string, ...command: string[]) => {
    const quoted = command.map((word) => `"${word}"`).join(" ");
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${quoted} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  };
  program("curl", process.execPath, join(root, "tests/snippet-curl.ts"));
  program("stoa", process.execPath, join(root, "deploy/cli/main.ts"));
  program("bun", process.execPath);
  const log = join(folder, "curl.log");
  writeFileSync(log, "");
  const child = Bun.spawn(["sh", "-euc", code], {
    cwd: folder,
    env: { PATH: `${folder}:${process.env.PATH ?? ""}`, CURL_LOG: log, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code: exit, text: out + err, asked: readFileSync(log, "utf8").trim().split("\n") };
}
