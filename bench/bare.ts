/**
 * What Stoa is compared with: a bare `Bun.serve` that runs given statements with the same driver and answers with JSON,
 * without tokens, validation and headers. It runs in its own process: `bun bench/bare.ts '<Bare as JSON>'` prints its
 * address.
 */
import { createClient, type InStatement } from "@libsql/client";
import { newId } from "@stoa/db";

/** What a bare server does. */
export interface Bare {
  /** The `file:` address of the database. */
  readonly url: string;
  /** GET answers with the rows of this statement. */
  readonly read?: { readonly sql: string; readonly args: readonly (string | number)[] };
  /** POST answers 201 after this batch. In its arguments, `$id` and `$event` become new ids and `$n` a counter. */
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
