import { services } from "@stoa/events";
import { givenBy, olderNames, withoutMeaning } from "./older.ts";
import type { Config, Environment } from "./settle.ts";
import { variables } from "./variables.ts";

const known: readonly string[] = Object.keys(variables);

/** Variables that nothing reads yet. */
const unused = ["OTEL_EXPORTER_OTLP_ENDPOINT", "METRICS_PORT"];

/** Variables that only a service on its own reads. */
const unusedInStandalone = ["NATS_URL", "NATS_CREDS", "NATS_REPLICAS", "IDENTITY_URL"];

/**
 * What an operator has probably not meant: variables that look like one of ours and are none, those that do nothing
 * here, and production that sends no mail. A sentence for each, none when all is well.
 */
export function adviceOn(env: Environment, config: Config): string[] {
  const set = Object.keys(env).filter((name) => env[name]?.trim());
  return [
    ...set.flatMap((name) => misspelled(name) ?? []),
    ...set.flatMap((name) => olderName(name, env) ?? []),
    ...set.flatMap((name) => doesNothing(name, config) ?? []),
    ...withoutMail(config),
  ];
}

/** A variable of a backend that Stoa replaces. */
function olderName(name: string, env: Environment): string | undefined {
  const meant = olderNames[name];
  if (meant !== undefined && givenBy(env, meant)?.name !== name) return `${name} does nothing beside ${meant}.`;
  if (meant !== undefined) return `${name} is read as ${meant}; rename it.`;
  const instead = withoutMeaning[name];
  return instead === undefined ? undefined : `${name} means nothing to Stoa: ${instead}.`;
}

function misspelled(name: string): string | undefined {
  if (known.includes(name) || Object.hasOwn(olderNames, name) || Object.hasOwn(withoutMeaning, name)) return undefined;
  const bare = name.replace(/^STOA_/, "");
  const meant = known.find((each) => each === bare) ?? known.find((each) => isAlmost(bare, each));
  if (meant === undefined && bare === name) return undefined;
  return `${name} is not a variable of Stoa${meant === undefined ? "" : `; ${meant} is`}.`;
}

/** Letters that may be wrong. Short names have too many neighbours that belong to others: HOST and POST. */
function isAlmost(name: string, known: string): boolean {
  return known.length >= 7 && distance(name, known) <= (known.length >= 12 ? 2 : 1);
}

/** How many letters are to be added, removed or replaced to make one word of the other. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const [left = 0, above = 0, corner = 0] = [next[j], row[j + 1], row[j]];
      next.push(Math.min(left + 1, above + 1, corner + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function doesNothing(name: string, config: Config): string | undefined {
  if (config.target === "standalone" && unusedInStandalone.includes(name)) {
    return `${name} is set, but does nothing in standalone.`;
  }
  const useless =
    unused.includes(name) || (name === "NATS_CREDS" && config.nats_url === null) || isTokenOfFile(name, config);
  return useless ? `${name} is set, but does nothing here.` : undefined;
}

/** Whether it is the token of a database that is a file. */
function isTokenOfFile(name: string, { databases }: Config): boolean {
  const service = services.find((each) => name === `${each.toUpperCase()}_DATABASE_AUTH_TOKEN`);
  return service !== undefined && databases[service].url.startsWith("file:");
}

function withoutMail({ environment, smtp_url, target, data_dir }: Config): string[] {
  const sends = target === "standalone" || target === "identity";
  if (environment !== "production" || smtp_url !== null || !sends) return [];
  return [`SMTP_URL is not set, so that nobody receives a mail: mails are written to ${data_dir}/outbox.`];
}
