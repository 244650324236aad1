import type { ChatMessage } from "./context.ts";
import { ProtocolError, serverSentData } from "./server-sent.ts";

/** What is asked of a model's server. */
export interface ChatRequest {
  readonly base_url: string;
  readonly key: string | null;
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Tokens of the answer at most. */
  readonly max_tokens: number;
}

/** How long a server is waited for. Milliseconds. */
export interface ChatPatience {
  /** Without a byte from it. */
  readonly silentMs: number;
  /** For all of the answer. */
  readonly wholeMs: number;
}

/** A piece of an answer, or what the server says that it cost. */
export type ChatPiece = { readonly text: string } | { readonly total_tokens: number };

/** A server's answer that is not an answer. The message has its status, and nothing that the server or we said. */
export class ChatError extends Error {
  override readonly name = "ChatError";
}

/** Bytes of a stream at most: an answer has far fewer. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Asks a server that speaks the protocol of OpenAI's `/chat/completions`, and gives the answer as it comes. Redirects are
 * refused, so that the key goes to this server alone.
 *
 * Source: OpenAI API reference, "Create chat completion", streaming.
 *
 * @param signal stops it
 * @throws ChatError, ProtocolError: the server refuses, is silent, or its answer is broken or cut off
 */
export async function* chat(
  request: ChatRequest,
  patience: ChatPatience,
  signal: AbortSignal,
): AsyncGenerator<ChatPiece, void, undefined> {
  const silence = new Silence(patience);
  try {
    const signals = AbortSignal.any([signal, silence.signal]);
    const body = await post(request, signals);
    yield* piecesOf(bounded(body), silence.heard);
  } catch (error) {
    if (signal.aborted || error instanceof ChatError || error instanceof ProtocolError) throw error;
    // What the runtime says of a connection may name its address; its kind is enough.
    throw new ChatError(
      silence.signal.aborted ? "The server takes too long." : "The connection to the server failed.",
      {
        cause: error,
      },
    );
  } finally {
    silence.end();
  }
}

async function post(request: ChatRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const { base_url } = request;
  const response = await send(base_url, request, signal);
  // Where only an origin is known, the API is most often at /v1.
  const elsewhere = response.status === 404 && new URL(base_url).pathname === "/";
  return bodyOf(elsewhere ? await again(response, () => send(`${base_url}/v1`, request, signal)) : response);
}

async function again(response: Response, next: () => Promise<Response>): Promise<Response> {
  await response.body?.cancel();
  return next();
}

function send(
  base_url: string,
  { key, model, messages, max_tokens }: ChatRequest,
  signal: AbortSignal,
): Promise<Response> {
  return fetch(`${base_url}/chat/completions`, {
    method: "POST",
    redirect: "manual",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model, messages, max_tokens, stream: true }),
    signal,
  });
}

async function bodyOf(response: Response): Promise<AsyncIterable<Uint8Array>> {
  const { status, headers, body } = response;
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (status === 200 && type === "text/event-stream" && body) return body;
  await body?.cancel();
  throw new ChatError(
    status === 200 ? "The server answers with something else than a stream." : `The server answers ${status}.`,
  );
}

async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const each of body) {
    bytes += each.length;
    if (bytes > MOST_BYTES) throw new ProtocolError("The stream is too long.");
    yield each;
  }
}

async function* piecesOf(
  body: AsyncIterable<Uint8Array>,
  heard: () => void,
): AsyncGenerator<ChatPiece, void, undefined> {
  let finished = false;
  for await (const data of serverSentData(body, heard)) {
    if (data.trim() === "[DONE]") return;
    const { text, total_tokens, ends } = readChunk(data);
    if (text !== "") yield { text };
    if (total_tokens !== undefined) yield { total_tokens };
    finished ||= ends;
  }
  // Some servers leave out [DONE]; the model's own reason to stop is then the end.
  if (!finished) throw new ProtocolError("The stream was cut off.");
}

/** What matters of `{choices: [{delta: {content}, finish_reason}], usage: {total_tokens}}`. */
function readChunk(data: string): { text: string; total_tokens: number | undefined; ends: boolean } {
  const chunk = asObject(parsed(data));
  if (!chunk) throw new ProtocolError("An event of the stream is no JSON object.");
  if (chunk["error"] !== undefined && chunk["error"] !== null) throw new ChatError("The server reports an error.");
  const choice = Array.isArray(chunk["choices"]) ? asObject(chunk["choices"][0]) : undefined;
  const content = asObject(choice?.["delta"])?.["content"];
  const total = asObject(chunk["usage"])?.["total_tokens"];
  return {
    text: typeof content === "string" ? content : "",
    total_tokens: typeof total === "number" && Number.isSafeInteger(total) && total > 0 ? total : undefined,
    ends: typeof choice?.["finish_reason"] === "string",
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Aborts when nothing has been heard for long, and when it has lasted too long as a whole. */
class Silence {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #last = performance.now();

  constructor({ silentMs, wholeMs }: ChatPatience) {
    const begun = this.#last;
    const look = () => {
      const now = performance.now();
      if (now - this.#last > silentMs || now - begun > wholeMs) this.#controller.abort();
    };
    this.#timer = setInterval(look, Math.min(silentMs, 1_000));
  }

  readonly heard = (): void => {
    this.#last = performance.now();
  };

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
