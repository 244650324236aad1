/** A client at a socket that comes back by itself, and counts the messages that it gets by their ids. */
export class ReturningClient {
  readonly counts = new Map<string, number>();
  /** Whether the server has taken its token. */
  present = false;
  /** How often a server or a gateway that could be reached refused the handshake. */
  refused = 0;
  #after: string | undefined;
  #socket: WebSocket | undefined;
  #wait: number | undefined;
  #done = false;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  open(): void {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    this.#wait = undefined;
    socket.onopen = () => socket.send(JSON.stringify({ type: "authenticate", token: this.token, after: this.#after }));
    socket.onmessage = ({ data }) => this.#take(JSON.parse(String(data)));
    socket.onerror = (event) => {
      if (String((event as ErrorEvent).message).includes("101")) this.refused++;
    };
    socket.onclose = () => {
      this.present = false;
      if (!this.#done) setTimeout(() => this.open(), this.#wait ?? 500 + Math.random() * 500);
    };
  }

  close(): void {
    this.#done = true;
    this.#socket?.close();
  }

  #take(frame: { type: string; id?: string; event?: string; data?: { id: string }; after_ms?: number }): void {
    if (frame.type === "authenticated") this.present = true;
    if (frame.id !== undefined) this.#after = frame.id;
    if (frame.type === "retry") this.#wait = frame.after_ms;
    if (frame.event !== "message.sent" || !frame.data) return;
    this.counts.set(frame.data.id, (this.counts.get(frame.data.id) ?? 0) + 1);
  }
}
