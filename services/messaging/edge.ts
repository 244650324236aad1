import { env } from "cloudflare:workers";
import { edgeFooting } from "@stoa/edge";
import schema from "../../drizzle/messaging/meta/_journal.json" with { type: "json" };
import { createApp } from "./app.ts";

/** Messaging in workerd, without live streams. Compiled here: inside a handler no code may be generated. */
const { http, db, now, readYourWrites, cursor_key } = await edgeFooting(env, { service: "messaging", schema });

export default createApp({ http, db, now, readYourWrites, cursor_key, streams: undefined, assistants: undefined });
