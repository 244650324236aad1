import { env } from "cloudflare:workers";
import { edgeFooting } from "@stoa/edge";
import schema from "../../drizzle/identity/meta/_journal.json" with { type: "json" };
import { createApp } from "./app.ts";
import { corporateDirectory } from "./external/client.ts";
import { publishedKeys } from "./keys/published.ts";
import { identityDeps } from "./prepare.ts";
import { storedRevocations } from "./sessions/stored-revocations.ts";

/** Identity in workerd, without passwords: those routes answer 501. Compiled here, where code may be generated. */
const { config, http, db, now } = await edgeFooting(env, {
  service: "identity",
  schema,
  keys: (stored) => publishedKeys(stored, new Date()),
  revocations: storedRevocations,
});

export default createApp(
  await identityDeps({
    http,
    db,
    now,
    passwords: null,
    backups: null,
    directory: config.ace_api_url === null ? null : corporateDirectory({ url: config.ace_api_url, now }),
    corporate: {
      local_passwords: config.corporate_local_passwords,
      session_days: config.corporate_session_days,
      roles: config.corporate_roles ?? [],
    },
    revoke: () => {
      // What was revoked is read from the database with each request.
    },
    secrets:
      config.secret_key_previous === null ? [config.secret_key] : [config.secret_key, config.secret_key_previous],
    public_url: config.public_url,
    issuer: config.issuer,
    audience: config.audience,
    access_token_seconds: config.access_token_expire_minutes * 60,
    refresh_token_days: config.refresh_token_expire_days,
    legacy_refresh: config.legacy_refresh,
    registration: config.registration,
  }),
);
