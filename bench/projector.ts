/**
 * Runs projects' projector over NATS in a process of its own: `bun bench/projector.ts <nats url> <database url>`. It reads
 * the number of events from standard input and prints when each had been applied, as `[seq, milliseconds][]`.
 */
import { startProjectors } from "@stoa/bus";
import { connectNats } from "@stoa/bus/nats";
import { openDatabase } from "@stoa/db";
import { handlers } from "@stoa/projects/handlers";
import { moment } from "./moment.ts";
import { note } from "./projection.ts";
import { quiet } from "./quiet.ts";

const [servers = "", url = ""] = process.argv.slice(2);
const db = await openDatabase(url);
const transport = connectNats({ servers, name: "projects", log: quiet });
const applied = new Map<number, number>();
const projectors = startProjectors({ service: "projects", db, transport, handlers: handlers(900), log: quiet });
projectors.onApplied(() => note(applied, projectors.status()[0]?.seq ?? 0, moment()));
const count = Number(await Bun.stdin.text());
while (!applied.has(count)) await Bun.sleep(20);
await projectors.stop();
await transport.close();
db.close();
console.log(JSON.stringify([...applied]));
