import { services } from "@stoa/events";
import { bundle } from "./bundle.ts";

/** Bundles each service for Workers and prints the size; fails when a bundle needs Node or Bun: `bun run edge`. */
for (const service of services) {
  const { code } = await bundle(service);
  console.log(`${service}: ${(code.length / 1024).toFixed(0)} KiB`);
}
