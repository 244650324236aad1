import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { type ServerProcess, startProcess } from "./process.ts";
import { program } from "./program.ts";
import { reachable } from "./reachable.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A real Caddy on 127.0.0.1. */
export interface CaddyServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
}

/**
 * Starts Caddy with the text of a Caddyfile, in which `{$NAME}` is replaced by the value from `env`. It must listen on
 * `{$PORT}`, which is a free port by default.
 */
export async function startCaddy(caddyfile: string, env: Readonly<Record<string, string>> = {}): Promise<CaddyServer> {
  const port = env.PORT === undefined ? freePort() : Number(env.PORT);
  const directory = await temporaryDirectory("caddy");
  const file = join(directory.path, "Caddyfile");
  await Bun.write(file, caddyfile);
  const server = await startProcess([program("caddy"), "run", "--config", file, "--adapter", "caddyfile"], {
    env: { ...env, PORT: String(port), XDG_DATA_HOME: directory.path, XDG_CONFIG_HOME: directory.path },
    ready: () => reachable(port),
  });
  const end = server[Symbol.asyncDispose];
  return Object.assign(server, {
    url: `http://127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      await end();
      await directory[Symbol.asyncDispose]();
    },
  });
}
