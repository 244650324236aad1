import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The part of an OpenAPI document that is compared. */
export interface Operations {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Fetches the document of all services from a running gateway. */
export async function documentAt(url: string): Promise<Operations> {
  const response = await fetch(new URL("/api/v1/openapi.json", url), { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`The gateway answered ${response.status}.`);
  return (await response.json()) as Operations;
}

/**
 * Starts a standalone on a free port in a folder of its own, fetches its document, and stops it.
 *
 * @param main the path of the program to start
 */
export async function freshDocument(
  main = new URL("../standalone/main.ts", import.meta.url).pathname,
): Promise<Operations> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-openapi-"));
  const port = freePort();
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
    return await documentAt(url);
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
