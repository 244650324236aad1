import { StoaError } from "@stoa/errors";
import type { HttpDeps, Logger } from "@stoa/http";

/** The header in which a test says which address a request comes from. */
export const addressHeader = "x-test-address";

/** A logger for tests that do not look at logs. */
export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * What the HTTP side of a service asks of its root, as most tests want it: a strict policy, no limits, no log, a
 * healthy database, and no token that is valid. It runs in Workers as well.
 *
 * @example createService(httpDeps({ service: "projects", verify }), [tasks]);
 */
export function httpDeps(changes: Partial<HttpDeps> = {}): HttpDeps {
  return {
    service: "test",
    version: "0.0.0",
    environment: "test",
    verify: () => {
      throw new StoaError("invalid_token");
    },
    now: () => new Date(),
    log: silent,
    cors_origins: [],
    csp_mode: "strict",
    trusted_proxies: [],
    rate_limit_scale: 0,
    database: async () => undefined,
    schema_current: () => true,
    events: () => ({ transport: "none", connected: true, lag: 0 }),
    addressOf: (request) => request.headers.get(addressHeader) ?? "192.0.2.1",
    ...changes,
  };
}
