import { parse } from "yaml";

/** When a service may start: after its dependency has started, is healthy, or has completed. */
export type Condition = "service_started" | "service_healthy" | "service_completed_successfully";

/** The parts of a service in docker-compose.yml that say what runs. Texts still have their `${VARIABLES}`. */
export interface ComposeService {
  readonly name: string;
  readonly image: string;
  /** `entrypoint` and `command` together. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** `source:target[:ro]`; a source that begins with a dot is a file of the repository. */
  readonly volumes: readonly string[];
  readonly dependsOn: Readonly<Record<string, Condition>>;
  readonly health: Health | null;
  /** Whether it is started by name only, as a service with a profile is. */
  readonly byName: boolean;
}

export interface Health {
  /** The command without the word CMD. */
  readonly command: readonly string[];
  /** How long one check may take; milliseconds. */
  readonly timeout: number;
  /** After how many milliseconds the service counts as unhealthy. */
  readonly patience: number;
}

interface RawService {
  image?: string;
  entrypoint?: string[];
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  profiles?: string[];
  depends_on?: Record<string, { condition: Condition }>;
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number };
}

/** Reads docker-compose.yml. It throws when the file has something that this reader does not know. */
export function readCompose(text: string): ComposeService[] {
  const { services } = parse(text, { merge: true }) as { services: Record<string, RawService> };
  return Object.entries(services).map(([name, raw]) => ({
    name,
    image: raw.image ?? "",
    command: [...(raw.entrypoint ?? []), ...(raw.command ?? [])],
    environment: raw.environment ?? {},
    volumes: raw.volumes ?? [],
    byName: raw.profiles !== undefined,
    dependsOn: Object.fromEntries(
      Object.entries(raw.depends_on ?? {}).map(([other, { condition }]) => [other, condition]),
    ),
    health: raw.healthcheck === undefined ? null : healthOf(name, raw.healthcheck),
  }));
}

function healthOf(name: string, raw: NonNullable<RawService["healthcheck"]>): Health {
  const [kind, ...command] = raw.test;
  if (kind !== "CMD") throw new Error(`The health check of ${name} must begin with CMD.`);
  return { command, timeout: seconds(raw.timeout), patience: seconds(raw.interval) * raw.retries };
}

function seconds(text: string): number {
  const match = /^(\d+)s$/.exec(text);
  if (match === null) throw new Error(`A duration must be whole seconds, such as 2s, not ${text}.`);
  return Number(match[1]) * 1_000;
}

/** Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?what it is for}` by values of the environment. */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, sign?: string, rest?: string) => {
    const value = env[name];
    if (value !== undefined && value !== "") return value;
    if (sign === "?") throw new Error(`${name} must be set: ${rest}.`);
    return rest ?? "";
  });
}
