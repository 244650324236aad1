import { ConfigError } from "./config-error.ts";
import { generatedSecretKey } from "./secret-key.ts";
import { type Config, type Environment, settle, type Target } from "./settle.ts";
import { variables } from "./variables.ts";

/**
 * Reads the environment of one target. An empty variable counts as not set. Outside production, `SECRET_KEY` is
 * generated in `DATA_DIR` when it is not set; nothing else is written.
 *
 * @throws ConfigError at the first invalid value.
 */
export function loadConfig(env: Environment, target: Target): Config {
  return startable(env, target, generatedSecretKey);
}

/**
 * The settings of one target as its start takes them, or refuses to.
 *
 * @param generateSecret makes a `SECRET_KEY` when none is set, outside production
 * @throws ConfigError at the first value that is invalid or missing
 */
export function startable(env: Environment, target: Target, generateSecret: (data_dir: string) => string): Config {
  const config = settle(env, target, generateSecret);
  if (target !== "standalone" && config.nats_url === null) {
    throw new ConfigError(
      "NATS_URL",
      `is required by a service that runs on its own; it takes ${variables.NATS_URL.takes}.`,
    );
  }
  return config;
}
