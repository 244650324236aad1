import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A port of 127.0.0.1 that the system gives to no other process until it is disposed of. */
export interface HeldPort extends Disposable {
  readonly port: number;
}

/**
 * Holds a port on which nothing listens, for a program that needs a fixed port: because it cannot report the port that it
 * was given (Caddy, sqld), or because others need its address before it starts (all of docker-compose.yml). The program
 * may listen there, be killed, and listen there again.
 *
 * A connection of this process to itself keeps the port in use. The system gives no port in use to a process that asks for
 * a free one, but a server may listen on it if it sets `SO_REUSEADDR`. Servers set it, because otherwise the connections
 * of their last run would prevent their next start.
 *
 * @example
 * using held = await holdPort();
 * await using server = await startProcess(["caddy", "respond", "--listen", `127.0.0.1:${held.port}`]);
 */
export async function holdPort(): Promise<HeldPort> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const accepted = once(listener, "connection");
  const ours = connect(port, "127.0.0.1");
  const [theirs] = (await accepted) as [typeof ours];
  listener.close();
  for (const end of [ours, theirs]) end.unref();
  return {
    port,
    [Symbol.dispose]: () => {
      for (const end of [ours, theirs]) end.destroy();
    },
  };
}
