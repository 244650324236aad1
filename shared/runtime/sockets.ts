import type { SocketPeer, Upgrade } from "@stoa/http/socket";
import type { Server, ServerWebSocket, WebSocketHandler } from "bun";

/** The largest frame that a client may send; bytes. Past it Bun closes the socket with 1009. */
const LARGEST_FRAME = 16 * 1024;

/**
 * How many bytes may wait for one client. Whoever sends asks how many there are, and closes earlier; past this limit Bun
 * would drop frames without a word, so it is told to close.
 */
const MOST_WAITING = 1024 * 1024;

/** Seconds without a frame or a pong after which a socket is closed. Bun pings shortly before. */
const SILENT_SECONDS = 30;

/** Makes WebSockets of the requests of a server that is not there yet when the services are made. */
export interface Sockets {
  readonly upgrade: Upgrade;
  /** Called with the server, before it answers a request. */
  serveBy(server: Server<SocketPeer>): void;
}

/** One for each server. */
export function sockets(): Sockets {
  let server: Server<SocketPeer> | undefined;
  return {
    upgrade: (request, data) => server?.upgrade(request, { data }) ?? false,
    serveBy: (its) => {
      server = its;
    },
  };
}

/** What Bun calls. */
export const socketHandler: WebSocketHandler<SocketPeer> = {
  maxPayloadLength: LARGEST_FRAME,
  backpressureLimit: MOST_WAITING,
  closeOnBackpressureLimit: true,
  idleTimeout: SILENT_SECONDS,
  sendPings: true,
  open: (socket) => socket.data.opened(held(socket)),
  message: (socket, message) => socket.data.received(typeof message === "string" ? message : undefined),
  drain: (socket) => socket.data.drained(),
  close: (socket) => socket.data.closed(),
};

function held(socket: ServerWebSocket<SocketPeer>) {
  return {
    send: (text: string) => socket.send(text) !== -1,
    get waiting() {
      return socket.getBufferedAmount();
    },
    close: (code: number, reason: string) => socket.close(code, reason),
  };
}
