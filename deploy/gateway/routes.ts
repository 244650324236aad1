import type { ServiceName } from "@stoa/events";

/** Where the API begins. */
export const api = "/api/v1";

/**
 * Which service has which resources: the first segment after `/api/v1`. The one table that the standalone process
 * dispatches by and from which the Caddyfile is generated.
 */
export const resources: Readonly<Record<ServiceName, readonly string[]>> = {
  identity: ["auth", "invitations", "organizations", "user", "users"],
  projects: ["data", "projects", "tasks"],
  messaging: ["blocks", "conversations", "messages", "notifications", "presence", "stream", "ws"],
};

/** What lies outside `/api/v1` and is one service's. */
export const unversioned: Readonly<Record<string, ServiceName>> = { "/.well-known": "identity" };

/** Whose health the distributed gateway shows where no service is named. Standalone answers for all three. */
export const healthOf: ServiceName = "identity";

/**
 * Paths of older clients, and the ones of today that answer them: the path itself and all below it, in this order.
 * No redirect: they get today's bodies. docs/migrating.md tells what else has changed.
 */
export const older: readonly (readonly [from: string, to: string])[] = [
  ["/api/auth", `${api}/auth`],
  ["/auth", `${api}/auth`],
  ["/api/users", `${api}/users`],
  ["/users", `${api}/users`],
  ["/api/projects", `${api}/projects`],
  ["/projects", `${api}/projects`],
  ["/api/tasks", `${api}/tasks`],
  ["/tasks", `${api}/tasks`],
  ["/data/save", `${api}/data/save`],
  ["/user/login", `${api}/user/login`],
  ["/live", "/health/live"],
  ["/ready", "/health/ready"],
  ["/db-test", "/health/db"],
  ["/test-db", "/health/db"],
  ["/redoc", "/docs"],
];

/** Whether a path is this one or below it. */
export function isUnder(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/");
}
