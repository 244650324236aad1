/** Writes `.env.example` from the table of variables; with `--check`, fails when it is outdated. */
import { envExample } from "@stoa/config";
import { current } from "./current.ts";

await current([{ path: ".env.example", text: envExample() }], "bun run env");
