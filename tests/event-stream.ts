/** One event of a stream. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/**
 * Reads a Server-Sent Events stream as a browser does (HTML Standard, section 9.2.6), and keeps all events.
 */
export class EventStream {
  readonly events: StreamEvent[] = [];
  #lastEventId: string | undefined;
  #ended = false;
  readonly #abort: AbortController;

  private constructor(abort: AbortController, after: string | undefined) {
    this.#abort = abort;
    this.#lastEventId = after;
  }

  static async open(url: string, token: string, after?: string): Promise<EventStream> {
    const abort = new AbortController();
    const response = await fetch(url, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: "text/event-stream",
        ...(after === undefined ? {} : { "last-event-id": after }),
      },
      signal: abort.signal,
    });
    if (response.status !== 200 || !response.body) {
      throw new Error(`The stream answered ${response.status}: ${await response.text()}`);
    }
    const stream = new EventStream(abort, after);
    void stream.#read(response.body);
    return stream;
  }

  /** The position from which to resume. */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  /** Whether the server or `cut` has ended the stream. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The events with one name. */
  named(event: string): StreamEvent[] {
    return this.events.filter((each) => each.event === event);
  }

  /** Closes the connection from the client's side. */
  cut(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let buffer = "";
    try {
      for await (const chunk of body) {
        buffer += decoder.decode(chunk, { stream: true });
        const blocks = buffer.split("\n\n");
        buffer = blocks.pop() ?? "";
        for (const block of blocks) this.#take(block);
      }
    } catch (error) {
      // In tests, these streams end by `cut`, and a test sees it as `ended`. Any other error shows as missing events.
      if (!this.#abort.signal.aborted) console.warn(`The stream broke: ${error}`);
    } finally {
      this.#ended = true;
    }
  }

  #take(block: string): void {
    let event = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const [field = "", value = ""] = line.split(/: ?(.*)/s);
      if (field === "id") this.#lastEventId = value;
      else if (field === "event") event = value;
      else if (field === "data") data.push(value);
    }
    if (data.length > 0) this.events.push({ id: this.#lastEventId ?? "", event, data: JSON.parse(data.join("\n")) });
  }
}
