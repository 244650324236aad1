import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The part of an OpenAPI document that is compared. */
export interface Operations {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Fetches the document of all services from a running gateway. */
export async function documentAt(url: string): Promise<Operations> {
  const response = await fetch(new URL("/api/v1/openapi.json", url), { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`The gateway answered ${response.status}.`);
  return (await response.json()) as Operations;
}

/**
 * Starts a standalone in a folder of its own, fetches its document, and stops it.
 *
 * @param main the path of the program to start
 * @param port returns the port to listen on; it is called again when that port is taken
 */
export async function freshDocument(
  main = new URL("../standalone/main.ts", import.meta.url).pathname,
  port = somePort,
): Promise<Operations> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-openapi-"));
  try {
    for (;;) {
      const document = await documentOf(main, port(), folder);
      if (document !== "port taken") return document;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns the document of a standalone on this port, or "port taken", after which another port can be tried. */
async function documentOf(main: string, port: number, folder: string): Promise<Operations | "port taken"> {
  const child = Bun.spawn([process.execPath, main], {
    env: {
      PATH: process.env["PATH"] ?? "",
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: folder,
      LOG_LEVEL: "error",
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const complaint = new Response(child.stderr).text();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill();
  }, 30_000);
  try {
    if (await isReady(child.stdout)) return await documentAt(`http://127.0.0.1:${port}`);
    const code = await child.exited;
    if (late) throw new Error("Standalone did not start within 30 s.");
    if ((await complaint).startsWith("The port is taken")) return "port taken";
    throw new Error(`Standalone ended with ${code}.`, { cause: await complaint });
  } finally {
    clearTimeout(timer);
    child.kill();
    await child.exited;
  }
}

/** Waits until the process prints that it is ready, which it does when it listens; false when it ends before. */
async function isReady(output: ReadableStream<Uint8Array>): Promise<boolean> {
  const decoder = new TextDecoder();
  let said = "";
  for await (const bytes of output) {
    said += decoder.decode(bytes, { stream: true });
    if (said.includes("Stoa is ready")) return true;
  }
  return false;
}

/** A port below the range from which systems choose free ports (it begins at 32768 on Linux, at 49152 elsewhere). */
function somePort(): number {
  return 20_000 + Math.floor(Math.random() * 12_000);
}
