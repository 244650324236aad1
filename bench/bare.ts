/**
 * What Stoa is measured against: a bare `Bun.serve` that runs given statements with the same driver and answers with
 * JSON. No token, no checks, no headers. A process of its own: `bun bench/bare.ts '<Bare as JSON>'` prints its address.
 */
import { createClient, type InStatement } from "@libsql/client";
import { newId } from "@stoa/db";

/** What a bare server does. */
export interface Bare {
  /** Of the database; `file:`. */
  readonly url: string;
  /** Answers GET with the rows of this. */
  readonly read?: { readonly sql: string; readonly args: readonly (string | number)[] };
  /** Answers POST with 201 after this batch. Of the arguments `$id` and `$event` become new ids, `$n` counts. */
  readonly write?: readonly { readonly sql: string; readonly args: readonly (string | number | null)[] }[];
}

const { url, read, write } = JSON.parse(process.argv[2] ?? "") as Bare;
const client = createClient({ url });
await client.execute("pragma journal_mode = wal");
let count = 1_000_000;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: async (request) => {
    if (request.method === "GET" && read) {
      const { rows } = await client.execute({ sql: read.sql, args: [...read.args] });
      return Response.json({ items: rows });
    }
    if (request.method === "POST" && write) {
      const body = (await request.json()) as { title: string };
      const id = newId();
      const given: Record<string, string | number> = { $id: id, $event: newId(), $n: ++count, $title: body.title };
      const batch: InStatement[] = write.map(({ sql, args }) => ({
        sql,
        args: args.map((arg) => (typeof arg === "string" ? (given[arg] ?? arg) : arg)),
      }));
      await client.batch(batch, "write");
      return Response.json({ id, title: body.title }, { status: 201 });
    }
    return new Response(null, { status: 404 });
  },
});

console.log(server.url.href);

process.on("SIGTERM", () => process.exit(0));
