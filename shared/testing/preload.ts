/** `bun test` loads this before any test file (see bunfig.toml), so hooks at its top level count for the whole run. */
import { afterAll } from "bun:test";
import { endAll } from "./at-end.ts";

afterAll(endAll);
