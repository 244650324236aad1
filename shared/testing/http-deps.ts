import { StoaError } from "@stoa/errors";
import type { HttpDeps, Logger } from "@stoa/http";

/** The header with the client's address in tests. */
export const addressHeader = "x-test-address";

/** A logger that drops all lines, for tests that do not check logs. */
export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * The dependencies of a service's HTTP side for most tests: a strict policy, no rate limits, no log, a healthy database,
 * and no valid token. It runs on Workers too.
 *
 * @example createService(httpDeps({ service: "projects", verify }), [taskRoutes(deps)]);
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
    events: () => ({ transport: "none", lag: 0, reasons: [] }),
    addressOf: (request) => request.headers.get(addressHeader) ?? "192.0.2.1",
    ...changes,
  };
}
