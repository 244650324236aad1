import type { ServiceName } from "@stoa/events";
import { ConfigError } from "./config-error.ts";
import { givenBy } from "./older.ts";
import type { ValueOf, Variable } from "./variable.ts";
import { variables } from "./variables.ts";

type Names = keyof typeof variables;

/** The values of the variables as they were set, by their names in lower case. */
type Values = { readonly [Name in Names as Lowercase<Name>]: ValueOf<(typeof variables)[Name]> };

/** Where one service's database is. */
export interface DatabaseConfig {
  readonly url: string;
  readonly auth_token: string | null;
}

/** Settings that are never null once loaded, because their default is derived from other settings. */
interface Settled {
  readonly port: number;
  readonly secret_key: string;
  readonly issuer: string;
  readonly public_url: string;
  readonly identity_url: string;
  readonly registration: "open" | "invited" | "closed";
  readonly cors_origins: readonly string[];
  readonly trusted_proxies: readonly string[];
  readonly webhook_allowed_hosts: readonly string[];
}

type DatabaseVariables = Lowercase<
  `${ServiceName}_DATABASE_${"URL" | "AUTH_TOKEN"}` | `${Uppercase<ServiceName>}_DATABASE_${"URL" | "AUTH_TOKEN"}`
>;

/** The settings of a process, typed, complete and frozen. */
export interface Config extends Omit<Values, keyof Settled | DatabaseVariables>, Settled {
  /** What runs in this process: one service, or all of them. */
  readonly target: Target;
  readonly databases: Readonly<Record<ServiceName, DatabaseConfig>>;
}

/** One service, or `standalone`: all of them in one process. */
export type Target = ServiceName | "standalone";

/** Environment variables, as the process got them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const ports: Readonly<Record<Target, number>> = { standalone: 8080, identity: 4001, projects: 4002, messaging: 4003 };

/**
 * Reads the environment of one target. An empty variable counts as not set. This reads and writes nothing but its
 * arguments, so that it runs on Workers too.
 *
 * @param generateSecret makes a `SECRET_KEY` when none is set, outside production
 * @throws ConfigError at the first invalid value.
 */
export function settle(env: Environment, target: Target, generateSecret: (data_dir: string) => string): Config {
  const set = values(env);
  const port = set.port ?? ports[target];
  const production = set.environment === "production";
  if (production) refuseUnsafe(set, target);
  // A service that runs on its own is behind a gateway, so clients do not use its port.
  const issuer = set.issuer ?? `http://localhost:${target === "standalone" ? port : ports.standalone}`;
  return Object.freeze({
    ...set,
    target,
    port,
    secret_key: set.secret_key ?? generateSecret(set.data_dir),
    issuer,
    public_url: set.public_url ?? issuer,
    identity_url: set.identity_url ?? issuer,
    registration: set.registration ?? (production ? "invited" : "open"),
    cors_origins: set.cors_origins ?? (production ? [] : ["http://localhost:3000"]),
    trusted_proxies: set.trusted_proxies ?? [],
    webhook_allowed_hosts: set.webhook_allowed_hosts ?? [],
    databases: {
      identity: database(set, "identity"),
      projects: database(set, "projects"),
      messaging: database(set, "messaging"),
    },
  });
}

function values(env: Environment): Values {
  const entries = Object.entries<Variable>(variables).map(([name, variable]) => {
    const given = givenBy(env, name);
    // Spaces around a value are typing errors, except in a secret.
    const text = (variable.secret ? given?.value : given?.value.trim()) ?? variable.fallback;
    if (text === undefined) return [name.toLowerCase(), null];
    const value = variable.parse(text);
    if (value === undefined) {
      throw new ConfigError(
        given?.name ?? name,
        `takes ${variable.takes}${variable.secret ? "" : `, not ${JSON.stringify(text)}`}.`,
      );
    }
    return [name.toLowerCase(), value];
  });
  // Object.entries loses the type of each variable, which `Values` states again.
  return Object.fromEntries(entries) as Values;
}

function refuseUnsafe(set: Values, target: Target): void {
  if (set.secret_key === null) {
    throw new ConfigError("SECRET_KEY", `must be set in production; it takes ${variables.SECRET_KEY.takes}.`);
  }
  if (set.first_superuser_password === null && (target === "standalone" || target === "identity")) {
    throw new ConfigError("FIRST_SUPERUSER_PASSWORD", "must be set in production; it takes a password.");
  }
  const open = set.cors_origins?.find((origin) => !origin.startsWith("https://"));
  if (open !== undefined) {
    throw new ConfigError("CORS_ORIGINS", `takes origins with https: in production, not ${JSON.stringify(open)}.`);
  }
  if (set.rate_limit_scale === 0) {
    throw new ConfigError("RATE_LIMIT_SCALE", "takes a number above 0 in production.");
  }
}

function database(set: Values, service: ServiceName): DatabaseConfig {
  return {
    url: set[`${service}_database_url`] ?? `file:${set.data_dir}/${service}.db`,
    auth_token: set[`${service}_database_auth_token`],
  };
}
