/** A WebSocket, as its server holds it. */
export interface Socket {
  /** Sends a text frame. False: it waits, because the client reads too slowly; {@link SocketPeer.drained} follows. */
  send(text: string): boolean;
  /** How many bytes wait to be sent. */
  readonly waiting: number;
  /** Closes it after what waits. */
  close(code: number, reason: string): void;
}

/** What happens at a WebSocket. */
export interface SocketPeer {
  opened(socket: Socket): void;
  /** A frame came: its text, or undefined for one of bytes. */
  received(text: string | undefined): void;
  /** Nothing waits to be sent any more. */
  drained(): void;
  /** It is closed, by whichever side. */
  closed(): void;
}

/**
 * Makes a WebSocket of a request, as the server received it.
 *
 * @returns false where that cannot be done; nothing happens then
 */
export type Upgrade = (request: Request, peer: SocketPeer) => boolean;

/** Whether a request asks to become a WebSocket (RFC 6455, section 4.1). */
export function asksForSocket({ method, headers }: Request): boolean {
  return method === "GET" && headers.get("upgrade")?.toLowerCase() === "websocket";
}
