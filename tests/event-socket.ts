import type { StreamEvent } from "./event-stream.ts";

/** Reads the events of a WebSocket as a browser does, and keeps them all. */
export class EventSocket {
  readonly events: StreamEvent[] = [];
  /** Called with each event besides. */
  onEvent: ((event: StreamEvent) => void) | undefined;
  #lastEventId: string | undefined;
  #closed: string | undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data))));
    socket.addEventListener("close", ({ code, reason }) => {
      this.#closed = `${code} ${reason}`.trim();
    });
  }

  /** Opens a socket and authenticates. Resolves when the token was taken. */
  static async open(url: string, token: string, after?: string): Promise<EventSocket> {
    const socket = new WebSocket(url.replace(/^http/, "ws"));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "authenticate", token, after })));
    socket.addEventListener("message", () => resolve());
    socket.addEventListener("close", ({ code, reason }) =>
      reject(new Error(`The socket was closed: ${code} ${reason}`)),
    );
    const events = new EventSocket(socket);
    await promise;
    return events;
  }

  /** The position from which to resume. */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  /** The close code with its reason; undefined while it is open. */
  get closed(): string | undefined {
    return this.#closed;
  }

  /** Whether either side has closed it. */
  get ended(): boolean {
    return this.#closed !== undefined;
  }

  /** The events with one name. */
  named(event: string): StreamEvent[] {
    return this.events.filter((each) => each.event === event);
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Closes the connection from the client's side. */
  cut(): void {
    this.#socket.terminate();
  }

  #take(frame: { readonly type: string } & Partial<StreamEvent>): void {
    if (frame.id !== undefined) this.#lastEventId = frame.id;
    if (frame.type !== "event") return;
    const { id = "", event = "", data = {} } = frame;
    this.events.push({ id, event, data });
    this.onEvent?.({ id, event, data });
  }
}
