import { ConfigError } from "./config-error.ts";
import { generatedSecretKey } from "./secret-key.ts";
import { type Config, type Environment, settle, type Target } from "./settle.ts";
import { variables } from "./variables.ts";

/**
 * Reads the environment of one target. An empty variable counts as not set. Outside production it makes a
 * `SECRET_KEY` in `DATA_DIR` when none is set; it touches nothing else.
 *
 * @throws ConfigError at the first bad value.
 */
export function loadConfig(env: Environment, target: Target): Config {
  const config = settle(env, target, generatedSecretKey);
  if (target !== "standalone" && config.nats_url === null) {
    throw new ConfigError("NATS_URL", `is needed by a service alone; it takes ${variables.NATS_URL.takes}.`);
  }
  return config;
}
