import type { Config, Environment } from "@stoa/config";
import { settle } from "@stoa/config/settle";

/**
 * The settings that commands read: addresses, and how mails are sent. Nothing is generated, and what production
 * requires of a server is not required of a command.
 *
 * @throws ConfigError at the first invalid value
 */
export function settingsOf(env: Environment): Config {
  const target = env["NATS_URL"] ? "identity" : "standalone";
  return settle({ ...env, ENVIRONMENT: undefined }, target, () => "");
}
