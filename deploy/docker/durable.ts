/**
 * Makes each sqld flush its commits, before anything is written: `bun deploy/docker/durable.ts http://identity-db:8081 …`,
 * the addresses of their admin APIs. It waits up to a minute for a server that does not answer yet.
 */
import { makeDurable } from "@stoa/db/durable";

const patienceMs = 60_000;

for (const admin of Bun.argv.slice(2)) {
  const end = performance.now() + patienceMs;
  for (let done = false; !done; ) {
    try {
      console.log(`${admin} ${(await makeDurable(admin)) ? "flushes every commit now" : "flushes every commit"}`);
      done = true;
    } catch (error) {
      if (performance.now() > end) throw error;
      await Bun.sleep(250);
    }
  }
}
