import { adviceOn, shownSettings } from "@stoa/config";
import { called } from "../called.ts";
import type { Environment } from "../db/target.ts";
import { explain } from "../explain.ts";
import { settingsOf } from "../settings.ts";

const usage = `${called("config")}

Shows every setting with the value in use; * marks those that the environment sets to something else than their default.
Secrets are shown as ***. Then it warns of what is probably not meant. It ends with 1 when a value is invalid.`;

/**
 * `stoa config`.
 *
 * @returns the exit code: 0 when all values are valid, 1 otherwise
 */
export async function run(
  args: readonly string[],
  env: Environment,
  print: (line: string, error: boolean) => void,
): Promise<number> {
  if (args.length > 0) {
    const asked = args.includes("--help") || args.includes("-h");
    print(usage, !asked);
    return asked ? 0 : 1;
  }
  try {
    const config = settingsOf(env);
    for (const { name, value, differs } of shownSettings(env)) print(`${differs ? "*" : " "} ${name}=${value}`, false);
    for (const advice of adviceOn(env, { ...config, environment: environmentOf(env) })) print(advice, true);
    return 0;
  } catch (error) {
    print(explain(error), true);
    return 1;
  }
}

/** `settingsOf` leaves it out, since production refuses more than a command should. */
function environmentOf(env: Environment): "production" | "development" {
  return env["ENVIRONMENT"]?.trim() === "production" ? "production" : "development";
}
