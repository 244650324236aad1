import { secretBox } from "@stoa/auth/secret-box";
import type { WebhookDeps } from "../deps.ts";

/** Settings that decide over webhooks. */
export interface WebhookSettings {
  readonly secret_key: string;
  readonly secret_key_previous: string | null;
  readonly webhook_allowed_hosts: readonly string[];
  readonly environment: string;
}

/** What webhooks are made with, by a process's settings. */
export function webhookDeps(settings: WebhookSettings): WebhookDeps["webhooks"] {
  const { secret_key, secret_key_previous: previous, webhook_allowed_hosts, environment } = settings;
  return {
    box: secretBox(
      previous === null ? [secret_key] : [secret_key, previous],
      "webhook-secret-encryption",
      "the secret of a webhook",
    ),
    targets: { allowed: webhook_allowed_hosts, https_only: environment === "production" },
  };
}
