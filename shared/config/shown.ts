import { givenBy } from "./older.ts";
import type { Environment } from "./settle.ts";
import type { Variable } from "./variable.ts";
import { variables } from "./variables.ts";

/** A setting as an operator sees it: never with a secret. */
export interface ShownSetting {
  readonly name: string;
  /** The value in use; `***` for a secret, and the default in words when it is not a fixed text. */
  readonly value: string;
  /** Whether the environment sets it to something else than its default. */
  readonly differs: boolean;
}

/** All settings of an environment, in the order of `.env.example`. */
export function shownSettings(env: Environment): ShownSetting[] {
  return Object.entries<Variable>(variables).map(([name, { fallback, otherwise, secret }]) => {
    const given = givenBy(env, name)?.value.trim();
    if (!given) return { name, value: fallback ?? `(${otherwise})`, differs: false };
    return { name, value: secret ? "***" : given.replace(/\/\/[^/@\s]*@/g, "//***@"), differs: given !== fallback };
  });
}

/** The settings that differ from their defaults, by their names: for a log, which has no e-mail addresses either. */
export function changedSettings(env: Environment): Readonly<Record<string, string>> {
  const changed = shownSettings(env).filter(({ differs }) => differs);
  return Object.fromEntries(changed.map(({ name, value }) => [name, /[^*]@/.test(value) ? "***" : value]));
}
