import { serveAlone } from "@stoa/runtime";
import { startProjects } from "./start.ts";

await serveAlone("projects", startProjects);
