import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy on 127.0.0.1 that can lose a request or an answer. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** How many requests or answers it has cut. */
  readonly cuts: number;
  /**
   * Loses the next requests before the server receives any of them, or the next answers after the server has done its
   * work. Then it forwards again.
   *
   * @param times how many to lose, one after the other; 1 by default
   * @param containing loses only requests that contain this text, or their answers
   */
  cut(what: "request" | "answer", times?: number, containing?: string): void;
}

/** Starts a proxy in front of a port of this machine. */
export async function startProxy(target: number): Promise<CuttingProxy> {
  const left = { request: 0, answer: 0 };
  let wanted = "";
  const open = new Set<Socket>();
  let cuts = 0;

  /** Forwards what comes in one direction. When it is to be cut, both connections are closed. */
  const forward = (from: Socket, to: Socket, what: "request" | "answer", connection: { fits: boolean }) => {
    from.on("data", (bytes: Buffer) => {
      // A connection has one request on its way at a time, so what comes back is the answer to it.
      if (what === "request") connection.fits ||= bytes.includes(wanted);
      const { fits } = connection;
      if (what === "answer") connection.fits = false;
      if (left[what] === 0 || !fits) return void to.write(bytes);
      left[what] -= 1;
      cuts += 1;
      from.destroy();
      to.destroy();
    });
    from.on("close", () => {
      open.delete(from);
      to.destroy();
    });
    // A connection that was refused or reset is closed, and `close` closes its other end.
    from.on("error", () => from.destroy());
    open.add(from);
  };

  const listener = createServer((client) => {
    const server = connect(target, "127.0.0.1");
    const connection = { fits: false };
    forward(client, server, "request", connection);
    forward(server, client, "answer", connection);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    url: `http://localhost:${port}`,
    get cuts() {
      return cuts;
    },
    cut: (what, times = 1, containing = "") => {
      wanted = containing;
      left[what] += times;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}
