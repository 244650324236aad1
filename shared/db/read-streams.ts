import { type HttpClient, HttpServerError, type HttpStream, ResponseError } from "@libsql/hrana-client";
import { DatabaseError } from "./errors.ts";

/** How reads share streams. */
export interface ReadStreamOptions {
  /** How many reads may be on their way at a time, each on a stream of its own. */
  readonly width: number;
  /** How many reads may wait for a stream; a further one is refused as `unavailable`. */
  readonly depth: number;
  /** How long a read may wait for a stream; milliseconds. */
  readonly patienceMs: number;
  /** A stream that nobody used for so long is not used again; milliseconds. sqld ends one after ten seconds. */
  readonly idleMs: number;
  /** A stream that was opened so long ago is not used again, so that a changed setting of the server is seen. */
  readonly ageMs: number;
}

/** An open stream that no read uses at the moment. */
interface Kept {
  readonly stream: HttpStream;
  readonly opened: number;
  readonly used: number;
}

interface Waiting {
  readonly start: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * Open streams for reads. A stream is a connection of the server, and opening one costs sqld more than a small read. One
 * read at a time uses a stream, no transaction stays open on it between two reads, and the one that was used last is
 * used first, so that those beyond the need expire.
 *
 * Source: Hrana over HTTP, where a stream goes on by the baton of its last answer.
 */
export class ReadStreams {
  readonly #client: HttpClient;
  readonly #options: ReadStreamOptions;
  readonly #now: () => number;
  #kept: Kept[] = [];
  readonly #waiting = new Set<Waiting>();
  #running = 0;

  constructor(client: HttpClient, options: ReadStreamOptions, now: () => number = () => performance.now()) {
    this.#client = client;
    this.#options = options;
    this.#now = now;
  }

  /** How many streams are open. */
  get open(): number {
    return this.#running + this.#kept.length;
  }

  /**
   * Reads on a stream. If a kept stream turns out to be gone, because it expired or the server was restarted, the read is
   * done once more on a new one: a read changes nothing.
   *
   * @param work reads, and leaves no transaction open
   */
  async read<T>(work: (stream: HttpStream) => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      const kept = this.#take();
      if (kept !== undefined) {
        try {
          return await this.#use(kept.stream, kept.opened, work);
        } catch (error) {
          if (!isGone(error)) throw error;
        }
      }
      return await this.#use(this.#client.openStream(), this.#now(), work);
    } finally {
      this.#running--;
      const [next] = this.#waiting;
      next?.start();
    }
  }

  async #use<T>(stream: HttpStream, opened: number, work: (stream: HttpStream) => Promise<T>): Promise<T> {
    try {
      const result = await work(stream);
      this.#kept.push({ stream, opened, used: this.#now() });
      return result;
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  /** The stream that was used last. Those that are too old are closed. */
  #take(): Kept | undefined {
    const now = this.#now();
    const fresh = ({ opened, used }: Kept) => now - used < this.#options.idleMs && now - opened < this.#options.ageMs;
    for (const kept of this.#kept) if (!fresh(kept)) kept.stream.close();
    this.#kept = this.#kept.filter(fresh);
    return this.#kept.pop();
  }

  /** Resolves when fewer reads than may be are on their way. */
  #turn(): Promise<void> {
    if (this.#running < this.#options.width) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#waiting.size >= this.#options.depth) return Promise.reject(busy("Too many reads wait for the database."));
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#waiting.delete(waiting);
        reject(busy("The database did not get to a read in time."));
      };
      const start = () => {
        clearTimeout(waiting.timer);
        this.#waiting.delete(waiting);
        this.#running++;
        resolve();
      };
      const waiting: Waiting = { start, timer: setTimeout(late, this.#options.patienceMs) };
      this.#waiting.add(waiting);
    });
  }
}

const busy = (message: string) => new DatabaseError("unavailable", new Error(message));

/**
 * Whether the server knows nothing of the stream any more, or the connection to it broke. Neither what SQLite refused
 * nor a timeout, which would come again.
 */
function isGone(error: unknown): boolean {
  if (error instanceof ResponseError) return error.code?.startsWith("STREAM_") ?? false;
  if (error instanceof HttpServerError) return error.status === 400 || error.status === 404;
  return !(error instanceof Error && error.name === "TimeoutError");
}
