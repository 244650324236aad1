/**
 * Makes each sqld flush its commits, before anything is written: `bun deploy/docker/durable.ts http://identity-db:8081 …`,
 * the addresses of their admin APIs. It waits up to a minute for a server that does not answer yet, and says why it waits.
 */
import { makeDurableSoon } from "./durably.ts";

const patienceMs = 60_000;

try {
  for (const admin of Bun.argv.slice(2)) {
    const changed = await makeDurableSoon(admin, { patienceMs, say: (line) => console.error(line) });
    console.log(`${admin} ${changed ? "flushes every commit now" : "flushes every commit"}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
