import { env } from "cloudflare:workers";
import { edgeFooting } from "@stoa/edge";
import schema from "../../drizzle/projects/meta/_journal.json" with { type: "json" };
import { createApp } from "./app.ts";
import { webhookDeps } from "./webhooks/deps.ts";

/** Projects in workerd. Compiled here: inside a handler no code may be generated. */
const { config, http, db, now, readYourWrites, cursor_key } = await edgeFooting(env, { service: "projects", schema });

export default createApp({ http, db, now, readYourWrites, webhooks: webhookDeps(config), cursor_key });
