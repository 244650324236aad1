/**
 * Sends messages and reads them on event streams and sockets, in a process of its own: it reads a {@link SocketLoad} as JSON
 * from standard input and prints {@link Latencies}.
 */
import { EventSocket } from "../tests/event-socket.ts";
import { quantile } from "./load.ts";
import { listen, type StreamLoad, send } from "./streams-run.ts";

/** What is sent and read: each reader has one stream and one socket. */
export type SocketLoad = Omit<StreamLoad, "streamsEach" | "server">;

/** From before a message is sent until it is read; milliseconds. */
export interface Latencies {
  readonly stream: { readonly p50_ms: number; readonly p99_ms: number };
  readonly socket: { readonly p50_ms: number; readonly p99_ms: number };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run((await Bun.stdin.json()) as SocketLoad)));
  process.exit(0);
}

async function run(what: SocketLoad): Promise<Latencies> {
  const all = what.tokens.length * what.messages;
  const [streams, sockets] = [counter(all), counter(all)];
  for (const token of what.tokens) {
    await listen(what.url, token, streams.came);
    const socket = await EventSocket.open(`${what.url}/api/v1/ws`, token);
    socket.onEvent = ({ event, data }) => {
      if (event === "message.sent") sockets.came(Number(/[\d.]+/.exec(String(data["content"]))?.[0]));
    };
  }
  const began = performance.now();
  const sending: Promise<void>[] = [];
  for (let n = 0; n < what.messages; n++) {
    const wait = began + (n * 1_000) / what.perSecond - performance.now();
    if (wait > 0) await Bun.sleep(wait);
    sending.push(send(what));
  }
  await Promise.all(sending);
  return { stream: await streams.latencies, socket: await sockets.latencies };
}

/** Collects so many latencies. */
function counter(all: number) {
  const { promise, resolve } = Promise.withResolvers<Latencies["stream"]>();
  const latencies: number[] = [];
  return {
    latencies: promise,
    came: (sent: number) => {
      latencies.push(performance.now() - sent);
      if (latencies.length < all) return;
      resolve({ p50_ms: quantile(latencies, 0.5), p99_ms: quantile(latencies, 0.99) });
    },
  };
}
