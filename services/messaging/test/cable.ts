import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** The way to a server, which can be cut. */
export interface Cable extends AsyncDisposable {
  readonly origin: string;
  /** Cuts every connection; while `off`, none comes through. */
  cut(off?: boolean): void;
}

/** Lays a cable to a port of this machine. */
export async function cable(target: number): Promise<Cable> {
  const open = new Set<Socket>();
  let off = false;
  const held = (from: Socket, to: Socket) => {
    open.add(from);
    from.on("error", () => from.destroy());
    from.on("close", () => {
      open.delete(from);
      to.destroy();
    });
    from.pipe(to);
  };
  const server = createServer((client) => {
    if (off) return void client.destroy();
    const upstream = connect(target, "127.0.0.1");
    held(client, upstream);
    held(upstream, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (its = false) => {
      off = its;
      for (const socket of open) socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
