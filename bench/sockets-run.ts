/**
 * Sends messages and reads them on event streams and sockets, in a process of its own: it reads a {@link SocketLoad} as JSON
 * from standard input and prints {@link Latencies}.
 */
import { EventSocket } from "../tests/event-socket.ts";
import { quantile } from "./load.ts";
import { listen, type StreamLoad, send } from "./streams-run.ts";

/** What is sent and read: each reader has one stream and one socket. */
export interface SocketLoad extends Omit<StreamLoad, "streamsEach" | "server"> {
  /** The file in which the servers note when each message was committed. */
  readonly commits: string;
}

/** Half and nearly all of some latencies; milliseconds. */
type Spread = Readonly<Record<"p50_ms" | "p99_ms", number>>;

/** Until a message is read: from before it is sent, and from its commit. */
export interface Latency {
  readonly fromSending: Spread;
  readonly fromCommit: Spread;
}

/** How late messages are on streams and on sockets. */
export type Latencies = Readonly<Record<"stream" | "socket", Latency>>;

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
  const sending: Promise<{ id: string; sent: number }>[] = [];
  for (let n = 0; n < what.messages; n++) {
    const wait = began + (n * 1_000) / what.perSecond - performance.now();
    if (wait > 0) await Bun.sleep(wait);
    sending.push(send(what));
  }
  const messages = await Promise.all(sending);
  const commits = await commitsOf(what.commits, messages.length);
  const committed = new Map(messages.map(({ id, sent }) => [sent, commits.get(id) ?? Number.NaN]));
  const latency = async (arrivals: Promise<readonly Arrival[]>): Promise<Latency> => {
    const all = await arrivals;
    return {
      fromSending: spread(all.map(({ sent, at }) => at - sent)),
      fromCommit: spread(all.map(({ sent, at }) => at + performance.timeOrigin - (committed.get(sent) ?? Number.NaN))),
    };
  };
  return { stream: await latency(streams.arrivals), socket: await latency(sockets.arrivals) };
}

/** When a message was read, and what it says of when it was sent: by the clock of this process. */
interface Arrival {
  readonly sent: number;
  readonly at: number;
}

/** Collects so many arrivals. */
function counter(all: number) {
  const { promise, resolve } = Promise.withResolvers<readonly Arrival[]>();
  const arrivals: Arrival[] = [];
  return {
    arrivals: promise,
    came: (sent: number) => {
      arrivals.push({ sent, at: performance.now() });
      if (arrivals.length === all) resolve(arrivals);
    },
  };
}

/** When the messages were committed, by their ids; waits until the servers have noted all of them. */
async function commitsOf(file: string, count: number): Promise<ReadonlyMap<string, number>> {
  for (;;) {
    const lines = (await Bun.file(file).text()).split("\n").slice(0, -1);
    if (lines.length >= count) return new Map(lines.map((line) => [line.slice(0, 36), Number(line.slice(37))]));
    await Bun.sleep(50);
  }
}

function spread(latencies: readonly number[]): Spread {
  if (latencies.some(Number.isNaN)) throw new Error("A message was read whose commit nobody noted.");
  return { p50_ms: quantile(latencies, 0.5), p99_ms: quantile(latencies, 0.99) };
}
