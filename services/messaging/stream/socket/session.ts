import type { Principal } from "@stoa/auth";
import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Logger } from "@stoa/http";
import type { Socket, SocketPeer } from "@stoa/http/socket";
import type { LiveClient } from "../../live/client.ts";
import type { Live } from "../../live/live.ts";
import { typeIn } from "../../live/type.ts";
import type { Connection, Listener } from "../connection.ts";
import type { Hub } from "../hub.ts";
import { SocketCarrier } from "./carrier.ts";
import { type ClientFrame, parseFrame, validFrame } from "./client-frames.ts";
import { type CloseReason, closeCodes, reasonFor } from "./close-codes.ts";
import { FrameLimit } from "./frame-limit.ts";
import { authenticatedFrame, errorFrame } from "./server-frames.ts";

/** What sockets need. */
export interface SocketOptions {
  readonly db: Database;
  readonly hub: Hub;
  readonly live: Live;
  /** @throws StoaError */
  readonly verify: (token: string) => Principal | Promise<Principal>;
  readonly now: () => Date;
  readonly log: Pick<Logger, "warn">;
  /** How long a socket may stay without a token; milliseconds. */
  readonly unauthenticatedMs: number;
}

/** What the request of a socket already said. */
export interface SocketStart {
  /** Its user, where a ticket or a header named one; otherwise the first frame does. */
  readonly listener?: Listener | undefined;
  /** The position to go on after. */
  readonly after?: string | undefined;
}

/** One client at a socket: it authenticates, then gets events, and says what it looks at. */
export class SocketSession implements SocketPeer {
  #socket: Socket | undefined;
  #connection: Connection<SocketCarrier> | undefined;
  #client: LiveClient | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #work: Promise<void> = Promise.resolve();
  readonly #limit = new FrameLimit();

  constructor(
    private readonly options: SocketOptions,
    private readonly began: SocketStart,
  ) {}

  opened(socket: Socket): void {
    this.#socket = socket;
    const { listener, after } = this.began;
    if (listener) this.#queue(() => this.#join(listener, after));
    else this.#deadline = setTimeout(() => this.#close("unauthorized"), this.options.unauthenticatedMs);
  }

  received(text: string | undefined): void {
    if (this.#closed) return;
    if (!this.#limit.take()) this.#close("rate_limited");
    else {
      this.#queue(async () => {
        await this.#take(text);
        this.#limit.done();
      });
    }
  }

  drained(): void {
    this.#connection?.outbox.drained();
  }

  closed(): void {
    this.#closed = true;
    clearTimeout(this.#deadline);
    this.#client?.leave();
    this.#connection?.outbox.end("gone");
  }

  /** Frames are taken one after the other. */
  #queue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.options.log.warn({ err: error }, "a socket failed");
      this.#close("unavailable");
    });
  }

  async #take(text: string | undefined): Promise<void> {
    const parsed = parseFrame(text);
    if (this.#closed) return;
    if (!parsed) return this.#close("malformed_frame");
    if (!this.#connection && parsed.type !== "authenticate") return this.#close("unauthorized");
    try {
      await this.#act(validFrame(parsed));
    } catch (error) {
      if (this.#connection) this.#socket?.send(errorFrame(parsed.type, error));
      else this.#close(reasonFor(error));
    }
  }

  async #act(frame: ClientFrame): Promise<void> {
    if (frame.type === "authenticate") return await this.#authenticate(frame);
    if (frame.type === "view") return await this.#client?.view(frame.conversation_id);
    if (frame.type === "typing") return await this.#type(frame.conversation_id);
    return await this.#client?.subscribe(frame.user_ids);
  }

  /** @throws StoaError `invalid_token`, `token_expired`, `session_revoked`, `forbidden`, `rate_limited`, `unavailable` */
  async #authenticate({ token, after }: Extract<ClientFrame, { type: "authenticate" }>): Promise<void> {
    const principal = await this.options.verify(token);
    if (this.#connection) this.#renew(this.#connection, principal);
    else await this.#join(principal, after ?? this.began.after);
  }

  /** The same as PUT /conversations/{id}/typing. */
  async #type(conversation_id: string): Promise<void> {
    const user_id = this.#connection?.listener.user_id;
    if (user_id) await typeIn(this.options, { user_id, is_superuser: false }, conversation_id);
  }

  /** A newer token of the same session: the socket stays open until that one expires. */
  #renew(connection: Connection, { user_id, session_id, expires_at }: Principal): void {
    const { listener } = connection;
    if (user_id !== listener.user_id || session_id !== listener.session_id) {
      throw new StoaError("forbidden", { detail: "The token is one of another session: connect anew." });
    }
    connection.listener = { ...listener, expires_at: Math.max(expires_at, listener.expires_at) };
    this.#socket?.send(this.#authenticated(connection.listener));
  }

  async #join({ user_id, session_id, expires_at }: Listener, after: string | undefined): Promise<void> {
    const socket = this.#socket;
    if (!socket || this.#closed) return;
    const listener = { user_id, session_id, expires_at };
    clearTimeout(this.#deadline);
    try {
      const connection = await this.options.hub.connect(listener, after === "" ? undefined : after, (hooks) => {
        socket.send(this.#authenticated(listener));
        return new SocketCarrier(socket, hooks);
      });
      // It may have been closed meanwhile.
      if (this.#closed) return connection.outbox.end("gone");
      this.#connection = connection;
      this.#client = this.options.live.client(connection);
      connection.outbox.start();
    } catch (error) {
      this.#close(reasonFor(error));
    }
  }

  #authenticated({ session_id, expires_at }: Listener): string {
    return authenticatedFrame(session_id, Math.max(0, Math.floor(expires_at - this.options.now().getTime() / 1_000)));
  }

  #close(reason: CloseReason): void {
    if (this.#closed) return;
    this.#socket?.close(closeCodes[reason], reason);
    this.closed();
  }
}
