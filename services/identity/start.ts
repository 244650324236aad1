import type { JwkSet } from "@stoa/auth";
import type { Logger } from "@stoa/http";
import { startMails } from "@stoa/mail/start-bun";
import { type Ground, periodically, type RunningService, startFooting } from "@stoa/runtime";
import { createApp } from "./app.ts";
import type { Backups } from "./backups/backups.ts";
import type { Deps } from "./deps.ts";
import { corporateDirectory } from "./external/client.ts";
import { handlers } from "./handlers.ts";
import { publishedKeys } from "./keys/published.ts";
import type { KeyRing } from "./keys/ring.ts";
import { maintain } from "./maintenance.ts";
import { resealSecondFactors } from "./mfa/reseal.ts";
import { bunPasswords } from "./passwords-bun.ts";
import { identityDeps, prepareIdentity } from "./prepare.ts";

/** Identity on Bun, running. */
export interface RunningIdentity extends RunningService {
  /** The keys that tokens are verified by, for services of the same process. */
  publishedKeys(): Promise<JwkSet>;
  /** The password generated for the first superuser, to be shown once; null when there was nothing to generate. */
  readonly firstPassword: string | null;
}

const MAINTENANCE_MS = 60_000;

/**
 * Starts identity: its keys, its first superuser, and what runs beside its requests.
 *
 * @param backups of a process that has all databases as files
 */
export async function startIdentity(ground: Ground, backups: Backups | null = null): Promise<RunningIdentity> {
  const { config, db, log, now } = ground;
  const keys = () => publishedKeys(db, now());
  let ring: KeyRing | undefined;
  const footing = await startFooting(ground, {
    service: "identity",
    handlers,
    keys: { keys },
    // Another process may have rotated or revoked the key: sign nothing more with one that is no longer active.
    onKeys: () => ring?.lookAgain(),
  });
  const previous = config.secret_key_previous;
  const deps = await identityDeps({
    http: footing.http,
    db,
    now,
    passwords: bunPasswords(),
    backups,
    directory: config.ace_api_url === null ? null : corporateDirectory({ url: config.ace_api_url, now }),
    corporate: {
      local_passwords: config.corporate_local_passwords,
      session_days: config.corporate_session_days,
      roles: config.corporate_roles ?? [],
    },
    revoke: footing.revocations.apply,
    secrets: previous === null ? [config.secret_key] : [config.secret_key, previous],
    public_url: config.public_url,
    issuer: config.issuer,
    audience: config.audience,
    access_token_seconds: config.access_token_expire_minutes * 60,
    refresh_token_days: config.refresh_token_expire_days,
    legacy_refresh: config.legacy_refresh,
    registration: config.registration,
  });
  ring = deps.keys;
  const { password } = await prepareIdentity(deps, {
    email: config.first_superuser_email,
    ...(config.first_superuser_password === null ? {} : { password: config.first_superuser_password }),
  });
  const app = createApp(deps);
  const stopMaintenance = periodically(MAINTENANCE_MS, "identity", () => maintain(deps), log);
  const stopping = new AbortController();
  const resealing = previous === null ? undefined : reseal(deps, log, stopping.signal);
  const mails = startMails({ config, db, now, log });
  footing.revocations.onChange(({ type }) => {
    if (type === "stoa.identity.user.erased.v1") mails.sweepSoon();
  });
  return {
    http: footing.http,
    fetch: app.fetch,
    publishedKeys: keys,
    firstPassword: password ?? null,
    stop: async () => {
      stopping.abort();
      await Promise.all([stopMaintenance(), mails.stop(), resealing]);
      await footing.stop();
    },
  };
}

/** Encrypts with the present secret what the previous one encrypted, while requests are served. */
async function reseal(deps: Deps, log: Logger, signal: AbortSignal): Promise<void> {
  try {
    const { sealed, lost } = await resealSecondFactors(deps, signal);
    if (!signal.aborted) log.info({ sealed, lost }, "Every key and second factor is sealed with SECRET_KEY.");
  } catch (error) {
    log.warn({ err: error }, "Second factors could not all be sealed with SECRET_KEY; the next start goes on.");
  }
}
