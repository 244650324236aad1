import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load.ts";
import type { Config, Target } from "./settle.ts";

/** For the first line of a `main.ts`: the process's settings; a bad one ends it with one line on stderr. */
export function configOrExit(target: Target): Config {
  try {
    return loadConfig(process.env, target);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
