import { adviceOn, shownSettings } from "@stoa/config";
import { startable } from "@stoa/config/load";
import { settle } from "@stoa/config/settle";
import { services } from "@stoa/events";
import { called } from "../called.ts";
import type { Environment } from "../db/target.ts";
import { explain } from "../explain.ts";

const usage = `${called("config")} [standalone|identity|projects|messaging]

Shows every setting with the value in use; * marks those that the environment sets to something else than their default.
Secrets are shown as ***. Then it warns of what is probably not meant, as the start does: of standalone unless a service is
named, which runs on its own then. It ends with 1 when the start would refuse the settings, and says why.`;

const targets = ["standalone", ...services] as const;

/**
 * `stoa config`.
 *
 * @returns the exit code: 0 when a start would take the settings, 1 otherwise
 */
export async function run(
  args: readonly string[],
  env: Environment,
  print: (line: string, error: boolean) => void,
): Promise<number> {
  const [name = "standalone", ...more] = args;
  const target = targets.find((each) => each === name);
  if (!target || more.length > 0) {
    const asked = args.includes("--help") || args.includes("-h");
    print(usage, !asked);
    return asked ? 0 : 1;
  }
  try {
    // What production requires besides is looked at last, so that the settings are shown when it is missing.
    const config = settle({ ...env, ENVIRONMENT: undefined }, target, () => "");
    for (const { name, value, differs } of shownSettings(env)) print(`${differs ? "*" : " "} ${name}=${value}`, false);
    for (const advice of adviceOn(env, { ...config, environment: environmentOf(env) })) print(advice, true);
    startable(env, target, () => "");
    return 0;
  } catch (error) {
    print(explain(error), true);
    return 1;
  }
}

/** Of settings that a start might refuse. */
function environmentOf(env: Environment): "production" | "development" {
  return env["ENVIRONMENT"]?.trim() === "production" ? "production" : "development";
}
