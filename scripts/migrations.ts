/** Fails when a service's tables and migrations differ, or a migration is not written yet. It needs no database. */
import { services } from "@stoa/events";
import { checkFiles } from "../deploy/cli/db/check.ts";
import { sourceOf } from "../deploy/cli/db/source.ts";

for (const service of services) {
  for (const fault of await checkFiles(await sourceOf(service))) {
    console.error(`${service}: ${fault}`);
    process.exitCode = 1;
  }
}
