import { env } from "cloudflare:workers";
import { edgeFooting } from "@stoa/edge";
import schema from "../../drizzle/projects/meta/_journal.json" with { type: "json" };
import { createApp } from "./app.ts";
import { corporateProjects } from "./corporate/client.ts";
import { identityOver } from "./newcomers/identity.ts";
import { webhookDeps } from "./webhooks/deps.ts";

/** Projects in workerd. Compiled here: inside a handler no code may be generated. */
const { config, http, db, now, readYourWrites, cursor_key } = await edgeFooting(env, { service: "projects", schema });
const corporate = config.ace_projects_url === null ? null : corporateProjects({ url: config.ace_projects_url });
const identity = identityOver({ url: config.identity_url });

export default createApp({
  ...{ http, db, now, readYourWrites, cursor_key, corporate, identity },
  webhooks: webhookDeps(config),
});
