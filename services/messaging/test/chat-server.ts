import { pause } from "@stoa/db";

/** What a server of models was asked. */
export interface Asked {
  readonly path: string;
  readonly authorization: string | null;
  readonly body: {
    readonly model: string;
    readonly stream: boolean;
    readonly max_tokens: number;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
  /** Whether its client has gone. */
  readonly gone: () => boolean;
}

/** What it answers: a response of its own, or the frames of a stream, as they are written. */
export type Script = (asked: Asked) => Response | AsyncIterable<string>;

/** A server that speaks the protocol of `/chat/completions`, as a test tells it. */
export interface ChatServer extends Disposable {
  readonly origin: string;
  readonly asked: readonly Asked[];
  /** What it answers from now on. */
  script: Script;
}

/** A frame with a piece of text. */
export const piece = (content: string, more: object = {}) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, ...more }] })}\n\n`;

/** The last frame. */
export const done = "data: [DONE]\n\n";

/** Answers with these pieces at once. */
export const says = (...pieces: string[]): Script =>
  async function* () {
    yield `data: ${JSON.stringify({ choices: [{ index: 0, delta: { role: "assistant" } }] })}\n\n`;
    for (const each of pieces) yield piece(each);
    yield done;
  };

/** Answers with these pieces, one every few milliseconds. */
export const slowly = (pieces: readonly string[]): Script =>
  async function* () {
    for (const each of pieces) {
      yield piece(each);
      await pause(2);
    }
    yield done;
  };

/** A script that goes on when it is told to. */
export function told() {
  const waiting: ((frame: string | undefined) => void)[] = [];
  const frames: (string | undefined)[] = [];
  const give = (frame: string | undefined) => {
    const next = waiting.shift();
    if (next) next(frame);
    else frames.push(frame);
  };
  return {
    /** Sends a frame. */
    send: (frame: string) => give(frame),
    /** Ends the stream. */
    end: () => give(undefined),
    script: async function* () {
      for (;;) {
        const frame =
          frames.length > 0 ? frames.shift() : await new Promise<string | undefined>((next) => waiting.push(next));
        if (frame === undefined) return;
        yield frame;
      }
    } satisfies Script,
  };
}

/** Starts the server. */
export function startChatServer(script: Script = says("Hello.")): ChatServer {
  const asked: Asked[] = [];
  const chat: ChatServer = {
    origin: "",
    asked,
    script,
    [Symbol.dispose]: () => void server.stop(true),
  };
  const server = Bun.serve({
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      let gone = false;
      request.signal.addEventListener("abort", () => {
        gone = true;
      });
      const one: Asked = {
        path: new URL(request.url).pathname,
        authorization: request.headers.get("authorization"),
        body: (await request.json()) as Asked["body"],
        gone: () => gone,
      };
      asked.push(one);
      const answer = chat.script(one);
      if (answer instanceof Response) return answer;
      const encoder = new TextEncoder();
      const frames = answer[Symbol.asyncIterator]();
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { value, done: over } = await frames.next();
          if (over || gone) return controller.close();
          controller.enqueue(encoder.encode(value));
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
    },
  });
  return Object.assign(chat, { origin: `http://127.0.0.1:${server.port}` });
}
