/**
 * Sends messages and reads them on many event streams, in a process of its own: it reads a {@link StreamLoad} as JSON from
 * standard input and prints {@link Delivered}. It reads the streams from bare sockets, so that it costs little beside the
 * server.
 */
import { cpuClock } from "./cpu.ts";
import { quantile } from "./load.ts";

/** What is sent and read. */
export interface StreamLoad {
  readonly url: string;
  /** The tokens of the readers, each of which opens so many streams. */
  readonly tokens: readonly string[];
  readonly streamsEach: number;
  /** The token of the sender, one of the readers. */
  readonly sender: string;
  readonly conversation_id: string;
  readonly messages: number;
  readonly perSecond: number;
  /** The process of the server. */
  readonly server: number;
}

/**
 * What came. Latencies are from before a message is sent until it is read on a stream; milliseconds. The CPU time of the
 * server is that between the opening of the streams and the last delivery.
 */
export interface Delivered {
  readonly cpu_ms: number;
  readonly deliveries: number;
  readonly p50: number;
  readonly p99: number;
}

if (import.meta.main) {
  const what = (await Bun.stdin.json()) as StreamLoad;
  console.log(JSON.stringify(await run(what)));
  process.exit(0);
}

async function run(what: StreamLoad): Promise<Delivered> {
  const latencies: number[] = [];
  const all = what.tokens.length * what.streamsEach * what.messages;
  const done = Promise.withResolvers<void>();
  const came = (sent: number) => {
    latencies.push(performance.now() - sent);
    if (latencies.length === all) done.resolve();
  };
  const sockets = await Promise.all(
    what.tokens.flatMap((token) => Array.from({ length: what.streamsEach }, () => listen(what.url, token, came))),
  );
  const used = cpuClock(what.server);
  const began = performance.now();
  const sending: Promise<unknown>[] = [];
  for (let n = 0; n < what.messages; n++) {
    const wait = began + (n * 1_000) / what.perSecond - performance.now();
    if (wait > 0) await Bun.sleep(wait);
    sending.push(send(what));
  }
  await Promise.all(sending);
  await done.promise;
  const cpu_ms = used();
  for (const socket of sockets) socket.end();
  return { cpu_ms, deliveries: latencies.length, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

/** Sends one message that says when it was sent. Returns its id and what it says. */
export async function send({
  url,
  sender,
  conversation_id,
}: Pick<StreamLoad, "url" | "sender" | "conversation_id">): Promise<{ id: string; sent: number }> {
  const sent = performance.now();
  const answer = await fetch(`${url}/api/v1/conversations/${conversation_id}/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${sender}`, "content-type": "application/json" },
    body: JSON.stringify({ content: `sent at ${sent};` }),
  });
  if (answer.status !== 201) throw new Error(`A message was answered ${answer.status}: ${await answer.text()}`);
  const { id } = (await answer.json()) as { id: string };
  return { id, sent };
}

/** Opens one stream, and calls back with the time of sending of each message that comes. */
export function listen(address: string, token: string, came: (sent: number) => void): Promise<Bun.Socket> {
  const { host, hostname, port } = new URL(address);
  const open = Promise.withResolvers<Bun.Socket>();
  let rest = "";
  Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: (socket) => {
        socket.write(
          `GET /api/v1/stream HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n\r\n`,
        );
      },
      data: (socket, bytes) => {
        const text = rest + bytes.toString("latin1");
        if (text.startsWith("HTTP/1.1 200")) open.resolve(socket);
        else if (text.startsWith("HTTP/1.1 ")) open.reject(new Error(`A stream was answered ${text.slice(9, 12)}.`));
        let end = 0;
        for (const found of text.matchAll(/sent at ([\d.]+);/g)) {
          came(Number(found[1]));
          end = found.index + found[0].length;
        }
        // A number may be cut in the middle; the text before the last line has none.
        rest = text.slice(Math.max(end, text.length - 40));
      },
      error: (_socket, error) => open.reject(error),
    },
  }).catch(open.reject);
  return open.promise;
}
