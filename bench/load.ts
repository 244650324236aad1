/**
 * A load generator in a process of its own: raw HTTP/1.1 over kept connections, one request at a time on each, so
 * that it costs little beside the server. Reads its {@link Load} as JSON from standard input, prints a {@link Measured}.
 */

/** What to send, and for how long. */
export interface Load {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Bodies to send in turn; each `{n}` becomes a number that never comes again. */
  readonly body?: string;
  readonly connections: number;
  readonly seconds: number;
  /** The status that counts; anything else is an error. */
  readonly status: number;
}

/** What came of a load. Latencies in milliseconds. */
export interface Measured {
  readonly requests: number;
  readonly errors: number;
  readonly per_second: number;
  readonly p50: number;
  readonly p99: number;
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

if (import.meta.main) {
  const what = (await Bun.stdin.json()) as Load;
  console.log(JSON.stringify(await run(what)));
  process.exit(0);
}

async function run(what: Load): Promise<Measured> {
  const url = new URL(what.url);
  const latencies: number[] = [];
  let errors = 0;
  let counter = Date.now() * 1_000;
  const until = performance.now() + what.seconds * 1_000;

  const request = () => {
    const body = what.body?.replaceAll("{n}", String(++counter));
    const headers = { host: url.host, ...what.headers, ...(body ? { "content-length": `${Buffer.byteLength(body)}` } : {}) };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${what.method ?? "GET"} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`;
  };

  const connection = () =>
    new Promise<void>((resolve, reject) => {
      let sent = 0;
      let reader = new AnswerReader();
      const next = (socket: { write(data: string): unknown; end(): unknown }) => {
        if (performance.now() >= until) {
          socket.end();
          resolve();
          return;
        }
        sent = performance.now();
        reader = new AnswerReader();
        socket.write(request());
      };
      Bun.connect({
        hostname: url.hostname,
        port: Number(url.port),
        socket: {
          open: next,
          data: (socket, chunk) => {
            if (!reader.take(chunk)) return;
            latencies.push(performance.now() - sent);
            if (reader.status !== what.status) errors++;
            next(socket);
          },
          error: (_, error) => reject(error),
          close: () => resolve(),
        },
      }).catch(reject);
    });

  const began = performance.now();
  await Promise.all(Array.from({ length: what.connections }, connection));
  const seconds = (performance.now() - began) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { requests: latencies.length, errors, per_second: latencies.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** Takes the pieces of one answer and knows when it is whole. Answers without a length have no body here. */
class AnswerReader {
  status = 0;
  #head = "";
  #missing = -1;

  take(chunk: Uint8Array): boolean {
    if (this.#missing >= 0) {
      this.#missing -= chunk.length;
      return this.#missing <= 0;
    }
    this.#head += Buffer.from(chunk).toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return false;
    this.status = Number(this.#head.slice(9, 12));
    const length = /content-length: (\d+)/i.exec(this.#head.slice(0, end))?.[1] ?? "0";
    this.#missing = Number(length) - (this.#head.length - end - 4);
    return this.#missing <= 0;
  }
}
