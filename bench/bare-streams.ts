/**
 * What the delivery to event streams is compared with: a bare `Bun.serve` that keeps nothing and asks nobody who they are.
 * What is sent to it goes to all streams at once, as a frame of the size of Stoa's. It runs in its own process:
 * `bun bench/bare-streams.ts` prints its address.
 */
import { newId } from "@stoa/db";

const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
const encoder = new TextEncoder();
let seq = 0;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  fetch: async (request) => {
    if (request.method === "GET") return opened();
    const { content } = (await request.json()) as { content: string };
    const message = messageOf(content);
    const frame = encoder.encode(
      `id: 01234567-${seq}-${seq}-0-0\nevent: message.sent\ndata: ${JSON.stringify(message)}\n\n`,
    );
    for (const stream of streams) stream.enqueue(frame);
    return Response.json(message, { status: 201 });
  },
});

function opened(): Response {
  let own: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      own = controller;
      streams.add(controller);
      controller.enqueue(encoder.encode(": alive\n\n"));
    },
    cancel: () => {
      if (own) streams.delete(own);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}

/** As long as a message of Stoa. */
function messageOf(content: string) {
  const now = new Date().toISOString();
  const about = { id: newId(), conversation_id: newId(), sender_id: newId(), recipient_id: null, task_id: null };
  const said = { seq: ++seq, type: "user", status: "complete", content, parent_id: null, client_id: null };
  const known = { is_read: false, reply_count: 0, reactions: [], mentions: [], version: 1 };
  return { ...about, ...said, ...known, ...timesOf(now) };
}

function timesOf(now: string) {
  return { created_at: now, updated_at: now, edited_at: null, deleted_at: null, pinned_at: null };
}

console.log(server.url.href.replace(/\/$/, ""));

process.on("SIGTERM", () => process.exit(0));
