import { serveAlone } from "@stoa/runtime";
import { startMessaging } from "./start.ts";

await serveAlone("messaging", startMessaging);
