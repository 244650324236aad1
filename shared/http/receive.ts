import { StoaError } from "@stoa/errors";

/** Runs something after some milliseconds. @returns what cancels it */
export type Timer = (ms: number, run: () => void) => () => void;

/** The platform's timer. */
export const platformTimer: Timer = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

const BASE_MS = 30_000;
const BYTES_PER_MS = 50;

/** How long the body of a request may take to arrive, in milliseconds: 30 s, and its size at 50 kB/s. */
export function bodyDeadline(bytes: number): number {
  return BASE_MS + Math.ceil(bytes / BYTES_PER_MS);
}

/** What {@link receive} is told. */
export interface ReceiveOptions {
  /** `Content-Length`; null when the request has none. */
  readonly length: string | null;
  /** The largest body in bytes. */
  readonly max: number;
  readonly timer: Timer;
}

/**
 * The bytes of a request's body, counted as they come, since `Content-Length` may be missing.
 *
 * @throws StoaError `payload_too_large`; `request_timeout` for a body that does not arrive in time, which also closes
 * the connection; `malformed_json` for one whose client has left
 */
export async function receive(request: Request, options: ReceiveOptions): Promise<ArrayBuffer | Uint8Array> {
  const { length, max, timer } = options;
  const late = Promise.withResolvers<never>();
  const cancel = timer(bodyDeadline(length === null ? max : Number(length)), () =>
    late.reject(new StoaError("request_timeout", { headers: { connection: "close" } })),
  );
  try {
    return await Promise.race([length === null ? counted(request, options) : whole(request, max), late.promise]);
  } catch (error) {
    if (!hasLeft(error)) throw error;
    throw new StoaError("malformed_json", { detail: "The request ended before its body did.", cause: error });
  } finally {
    cancel();
  }
}

/** The error of a body that is larger than its operation takes. */
export function tooLarge(max: number): StoaError {
  return new StoaError("payload_too_large", { detail: `The request body is larger than ${max} bytes.` });
}

async function whole(request: Request, max: number): Promise<ArrayBuffer> {
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > max) throw tooLarge(max);
  return bytes;
}

async function counted(request: Request, { max, timer }: ReceiveOptions): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > max) {
      if (closesAfter(request)) await discard(reader, timer);
      else await reader.cancel();
      throw tooLarge(max);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** How a platform says that the client closed the connection before its body was complete: Bun, and Node. */
function hasLeft(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || ("code" in error && error.code === "ECONNRESET"));
}

const DISCARDED_BYTES = 32 * 1024 * 1024;
const DISCARDED_MS = 5_000;

/**
 * Reads and forgets the body of a refused request that nobody has read, where the connection will be closed behind the
 * answer: a client that is still sending then would get a reset instead of the answer. It ends after 32 MiB or 5 s.
 */
export async function discardUnread(request: Request, timer: Timer): Promise<void> {
  if (!closesAfter(request) || request.bodyUsed || request.body === null || request.body.locked) return;
  await discard(request.body.getReader(), timer);
}

async function discard(
  reader: { read(): Promise<{ done: boolean; value?: Uint8Array }>; cancel(): Promise<void> },
  timer: Timer,
): Promise<void> {
  let over = false;
  const late = Promise.withResolvers<{ done: true; value?: undefined }>();
  const cancel = timer(DISCARDED_MS, () => {
    over = true;
    late.resolve({ done: true });
  });
  try {
    for (let size = 0; size < DISCARDED_BYTES && !over; ) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) break;
      size += value?.byteLength ?? 0;
    }
    await reader.cancel();
  } catch (error) {
    // Whoever has left needs no answer.
    if (!hasLeft(error)) throw error;
  } finally {
    cancel();
  }
}

/** Whether the client asked for the connection to be closed after this answer (RFC 9112, section 9.6). */
function closesAfter({ headers }: Request): boolean {
  return /\bclose\b/i.test(headers.get("connection") ?? "");
}
