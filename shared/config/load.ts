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
  const config = settle(env, target, generatedSecretKey);
  if (target !== "standalone" && config.nats_url === null) {
    throw new ConfigError(
      "NATS_URL",
      `is required by a service that runs on its own; it takes ${variables.NATS_URL.takes}.`,
    );
  }
  return config;
}
