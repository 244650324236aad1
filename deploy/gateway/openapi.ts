/**
 * Writes `docs/openapi.json`, all services in one document, as a fresh standalone answers it:
 * `bun deploy/gateway/openapi.ts [--check] [--url http://localhost:8080]`. With --check nothing is written, and an
 * outdated file is an error. With --url an instance that is already running is asked.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const target = Bun.file(new URL("../../docs/openapi.json", import.meta.url));

/** What changed between two documents: operations that came, went or differ. */
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

/** A document, as far as it is compared. */
export interface Operations {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
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

/** The document of a running gateway. */
async function fetchDocument(url: string): Promise<Operations> {
  const response = await fetch(new URL("/api/v1/openapi.json", url), { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`The gateway answered ${response.status}.`);
  return (await response.json()) as Operations;
}

/** Starts a standalone on a free port in a folder of its own, asks it, and stops it. */
async function documentOfFresh(): Promise<Operations> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-openapi-"));
  const port = freePort();
  const main = new URL("../standalone/main.ts", import.meta.url).pathname;
  const child = Bun.spawn(["bun", main], {
    env: {
      PATH: process.env["PATH"] ?? "",
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: folder,
      LOG_LEVEL: "error",
    },
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    await ready(url, child.exited);
    return await fetchDocument(url);
  } finally {
    child.kill();
    await child.exited;
    await rm(folder, { recursive: true });
  }
}

async function ready(url: string, exited: Promise<number>): Promise<void> {
  let ended: number | undefined;
  const watch = exited.then((code) => {
    ended = code;
  });
  const deadline = Date.now() + 30_000;
  while (ended === undefined && Date.now() < deadline) {
    const live = await fetch(`${url}/health/live`).then(
      (response) => response.ok,
      () => false,
    );
    if (live) return;
    await Promise.race([watch, Bun.sleep(50)]);
  }
  throw new Error(ended === undefined ? "Standalone did not start within 30 s." : `Standalone ended with ${ended}.`);
}

function freePort(): number {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = server;
  void server.stop(true);
  if (port === undefined) throw new Error("There is no free port.");
  return port;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: "boolean" }, url: { type: "string" } } });
  const document = values.url === undefined ? await documentOfFresh() : await fetchDocument(values.url);
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
