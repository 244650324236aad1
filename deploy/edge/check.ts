import { services } from "@stoa/events";
import { bundle } from "./bundle.ts";

/** Prints each service's bundle and its size; ends with 1 when one is not clean: `bun run edge`. */
for (const service of services) {
  const { code } = await bundle(service);
  console.log(`${service}: ${(code.length / 1024).toFixed(0)} KiB`);
}
