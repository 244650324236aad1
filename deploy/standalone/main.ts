import { orExit } from "@stoa/runtime";
import { startStandalone } from "./standalone.ts";

await orExit(() => startStandalone({ accept_new: Bun.argv.includes("--accept-new") }));
