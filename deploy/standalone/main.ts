import { orExit } from "@stoa/runtime";
import { startStandalone } from "./standalone.ts";

await orExit(startStandalone);
