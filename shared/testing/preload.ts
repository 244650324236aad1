/** Loaded by `bun test` before any test file (bunfig.toml): what stands here at the top level is for the whole run. */
import { afterAll } from "bun:test";
import { endAll } from "./at-end.ts";

afterAll(endAll);
