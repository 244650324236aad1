import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load.ts";
import type { Config, Target } from "./settle.ts";

/** Loads the settings, in the first line of a `main.ts`. An invalid one ends the process with one line on stderr. */
export function configOrExit(target: Target): Config {
  try {
    return loadConfig(process.env, target);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
