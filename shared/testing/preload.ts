/** `bun test` loads this before any test file (see bunfig.toml), so hooks at its top level count for the whole run. */
import { afterAll } from "bun:test";
import { endAll } from "./at-end.ts";
import { coarsen } from "./coarse-clock.ts";

const step = Number(process.env["TEST_CLOCK_STEP_MS"] ?? 0);
if (step > 0) coarsen(step);

afterAll(endAll);
