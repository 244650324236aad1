/**
 * Runs statements by libSQL's own library on a file, in a process of its own: two SQLite libraries in one process must
 * never have the same file. `bun libsql-statements.ts <file: address>`, the statements as JSON on standard input;
 * prints the rows of the last, and stays alive with the file open when told `stay`.
 */
import { createClient } from "@libsql/client";

const [, , url = "", stay] = process.argv;
const client = createClient({ url });
await client.execute("pragma journal_mode = wal");
const results = await client.batch((await Bun.stdin.json()) as string[], "write");
process.stdout.write(`${JSON.stringify(results.at(-1)?.rows ?? [])}\n`);
if (stay === "stay") setInterval(() => client, 1_000);
else client.close();
