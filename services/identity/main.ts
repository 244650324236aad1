import { serveAlone } from "@stoa/runtime";
import { startIdentity } from "./start.ts";

await serveAlone("identity", startIdentity);
