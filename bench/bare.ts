/**
 * What Stoa is compared with: a bare `Bun.serve` that runs given statements and answers with JSON, without tokens,
 * validation and headers. It runs in its own process: `bun bench/bare.ts '<Bare as JSON>'` prints its address.
 */
import { newId, prepared } from "@stoa/db";
import { writeGroups } from "@stoa/db/write-groups";
import { type BareStatement, drivers } from "./bare-drivers.ts";

/** What a bare server does. */
export interface Bare {
  /** The driver: `bun` prepares each statement once; `libsql` is the one that Stoa had before. */
  readonly driver: keyof typeof drivers;
  /** The path of the database's file. */
  readonly file: string;
  /** GET answers with the rows of this statement. */
  readonly read?: BareStatement;
  /**
   * POST answers 201 after this batch. Batches that come at the same time share a transaction, as in Stoa. In the
   * arguments, `$id` and `$event` become new ids and `$n` a counter.
   */
  readonly write?: readonly BareStatement[];
  /** Runs four times a second, between the batches: what the service does in the background. */
  readonly afterwards?: BareStatement;
}

const { driver, file, read, write, afterwards } = JSON.parse(process.argv[2] ?? "") as Bare;
const { all, batch } = await drivers[driver](file);
const grouped = writeGroups(
  async (statements) => {
    await batch(statements);
    return statements.map(() => ({ rows: [], changes: 1 }));
  },
  { width: 1, most: 16, depth: 1_000 },
);
let count = 1_000_000;
if (afterwards) setInterval(() => void grouped([prepared(afterwards.sql, afterwards.args)]), 250);

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: async (request) => {
    if (request.method === "GET" && read) return Response.json({ items: await all(read) });
    if (request.method === "POST" && write) {
      const body = (await request.json()) as { title: string };
      const id = newId();
      const given: Record<string, string | number> = { $id: id, $event: newId(), $n: ++count, $title: body.title };
      const valued = (arg: BareStatement["args"][number]) => (typeof arg === "string" ? (given[arg] ?? arg) : arg);
      await grouped(write.map(({ sql, args }) => prepared(sql, args.map(valued))));
      return Response.json({ id, title: body.title }, { status: 201 });
    }
    return new Response(null, { status: 404 });
  },
});

console.log(server.url.href);

process.on("SIGTERM", () => process.exit(0));
