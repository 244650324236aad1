/**
 * A load generator in a process of its own. It writes raw HTTP/1.1 over persistent connections, one request at a time on
 * each, so that it costs little beside the server. It reads a {@link Load} as JSON from standard input and prints a
 * {@link Measured}.
 */

/** What to send and for how long. */
export interface Load {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Each `{n}` becomes a unique number, and `{carried}` the value that the connection carries. */
  readonly body?: string;
  readonly connections: number;
  /** How long to measure. Up to a quarter of a second before it warms up and does not count. */
  readonly seconds: number;
  /** Requests a second on all connections together, evenly spaced; by default, as many as possible. */
  readonly rate?: number;
  /** The expected status; any other is an error. */
  readonly status: number;
  /** The tokens that replace `{token}` in headers: each request takes the next, and begins again after the last. */
  readonly tokens?: readonly string[];
  /** A member of each response that goes into the next request, and the value with which each connection begins. */
  readonly carry?: { readonly member: string; readonly first: readonly string[] };
}

/**
 * The result of a load. Latencies are milliseconds. With a `rate`, the time that a request waited for the previous
 * response counts too.
 */
export interface Measured {
  readonly requests: number;
  /** How many requests were answered, including those that warmed up. */
  readonly answered: number;
  readonly errors: number;
  readonly per_second: number;
  readonly p50: number;
  readonly p99: number;
  /** The values that the connections carry at the end. */
  readonly carried: readonly string[];
}

/** Runs a load in a process of its own. */
export async function load(what: Load): Promise<Measured> {
  const child = Bun.spawn([process.execPath, import.meta.path], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  child.stdin.write(JSON.stringify(what));
  await child.stdin.end();
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`The load of ${what.url} failed.`);
  return JSON.parse(output) as Measured;
}

/** The value at a share of the sorted values: `quantile([1, 2, 3], 0.5)` is 2. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

if (import.meta.main) {
  const what = (await Bun.stdin.json()) as Load;
  console.log(JSON.stringify(await run(what)));
  process.exit(0);
}

async function run(what: Load): Promise<Measured> {
  const latencies: number[] = [];
  const carried = [...(what.carry?.first ?? [])];
  let errors = 0;
  let answered = 0;
  const toText = requestText(what);
  const start = performance.now();
  const began = start + Math.min(250, what.seconds * 500);
  const until = began + what.seconds * 1_000;
  const gap = what.rate === undefined ? 0 : (1_000 * what.connections) / what.rate;

  const connection = (index: number) =>
    new Promise<void>((resolve, reject) => {
      let sent = 0;
      let due = start + (gap * index) / what.connections;
      let reader = new AnswerReader();
      const send = (socket: Bun.Socket, from: number) => {
        // At least one response is measured, however slow the server is.
        if (performance.now() >= until && latencies.length > 0) {
          socket.end();
          resolve();
          return;
        }
        sent = from;
        reader = new AnswerReader();
        socket.write(toText(carried[index] ?? ""));
      };
      const next = (socket: Bun.Socket) => {
        const now = performance.now();
        // The delay of a late timer is this process's and does not count; the delay of a late response is the server's.
        if (due > now) setTimeout(() => send(socket, performance.now()), due - now);
        else send(socket, gap === 0 ? now : due);
      };
      Bun.connect({
        hostname: new URL(what.url).hostname,
        port: Number(new URL(what.url).port),
        socket: {
          open: next,
          data: (socket, chunk) => {
            if (!reader.take(chunk)) return;
            answered++;
            if (sent >= began) latencies.push(performance.now() - sent);
            if (reader.status !== what.status) errors++;
            else if (what.carry) carried[index] = String(JSON.parse(reader.body)[what.carry.member]);
            due += gap;
            next(socket);
          },
          error: (_, error) => reject(error),
          close: () => resolve(),
        },
      }).catch(reject);
    });

  await Promise.all(Array.from({ length: what.connections }, (_none, index) => connection(index)));
  const seconds = (performance.now() - began) / 1_000;
  return {
    requests: latencies.length,
    answered,
    errors,
    per_second: latencies.length / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    carried,
  };
}

/** Writes the text of requests. The part that never changes is made once. */
function requestText({ url: address, method = "GET", headers = {}, body, tokens = [] }: Load): Written {
  const url = new URL(address);
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const fixed = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}`;
  let turn = 0;
  const head = tokens.length === 0 ? () => fixed : () => fixed.replace("{token}", tokens[turn++ % tokens.length] ?? "");
  if (body === undefined) return () => `${head()}\r\n`;
  let counter = Date.now() * 1_000;
  return (carried) => {
    const text = body.replaceAll("{n}", () => String(++counter)).replaceAll("{carried}", () => carried);
    return `${head()}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  };
}

/** Writes the next request, with the value that its connection carries. */
type Written = (carried: string) => string;

/** Collects the chunks of one response until it is complete. A response without a length has no body here. */
class AnswerReader {
  status = 0;
  #text = "";
  #head = -1;
  #missing = 0;

  get body(): string {
    return this.#text.slice(this.#head + 4);
  }

  take(chunk: Uint8Array): boolean {
    this.#text += Buffer.from(chunk).toString("latin1");
    if (this.#head >= 0) {
      this.#missing -= chunk.length;
      return this.#missing <= 0;
    }
    this.#head = this.#text.indexOf("\r\n\r\n");
    if (this.#head < 0) return false;
    this.status = Number(this.#text.slice(9, 12));
    const length = /content-length: (\d+)/i.exec(this.#text.slice(0, this.#head))?.[1] ?? "0";
    this.#missing = Number(length) - (this.#text.length - this.#head - 4);
    return this.#missing <= 0;
  }
}
