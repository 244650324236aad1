/**
 * What Stoa is measured against: a bare `Bun.serve` that runs given statements and answers with JSON. No token, no
 * checks, no headers. A process of its own: `bun bench/bare.ts '<Bare as JSON>'` prints its address.
 */
import { newId, prepared } from "@stoa/db";
import { writeGroups } from "@stoa/db/write-groups";
import { type BareStatement, drivers } from "./bare-drivers.ts";

/** What a bare server does. */
export interface Bare {
  /** The driver; `bun` prepares each statement once, `libsql` is what Stoa had before. */
  readonly driver: keyof typeof drivers;
  /** The path of the database's file. */
  readonly file: string;
  /** Answers GET with the rows of this. */
  readonly read?: BareStatement;
  /**
   * Answers POST with 201 after this batch; those that come together share a transaction, as Stoa's do. Of the
   * arguments `$id` and `$event` become new ids, `$n` counts.
   */
  readonly write?: readonly BareStatement[];
}

const { driver, file, read, write } = JSON.parse(process.argv[2] ?? "") as Bare;
const { all, batch } = await drivers[driver](file);
const grouped = writeGroups(
  async (statements) => {
    await batch(statements);
    return statements.map(() => ({ rows: [], changes: 1 }));
  },
  { width: 1, most: 16, depth: 1_000 },
);
let count = 1_000_000;

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
