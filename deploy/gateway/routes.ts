import type { ServiceName } from "@stoa/events";

/** The path that every route of the API begins with. */
export const api = "/api/v1";

/**
 * The resources of each service, by the first segment after `/api/v1`. The standalone process dispatches by this table,
 * and the Caddyfile is generated from it.
 */
export const resources: Readonly<Record<ServiceName, readonly string[]>> = {
  identity: ["admin", "auth", "invitations", "organizations", "user", "users"],
  projects: ["data", "projects", "tasks"],
  messaging: ["blocks", "conversations", "follows", "messages", "notifications", "presence", "reports", "stream", "ws"],
};

/** Paths outside `/api/v1` that belong to one service. */
export const unversioned: Readonly<Record<string, ServiceName>> = {
  "/.well-known": "identity",
  // The pages that mails link to, and what they load.
  "/verify-email": "identity",
  "/reset-password": "identity",
  "/accept-invitation": "identity",
  "/undo-email": "identity",
  "/pages": "identity",
};

/**
 * The service whose health Caddy shows when the path names none, except for readiness, which is that of all three.
 * Standalone answers for all three.
 */
export const healthOf: ServiceName = "identity";

/**
 * Paths of older clients and the paths of today that answer them, in the order in which they are tried. Each counts for
 * the path itself and all below it. Clients are not redirected and get today's bodies; the service learns by a header that
 * it is an older client (`olderHeader` of `@stoa/http`). docs/migrating.md describes what else has changed.
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
  ["/live", "/health/live"],
  ["/ready", "/health/ready"],
  ["/db-test", "/health/db"],
  ["/test-db", "/health/db"],
  ["/redoc", "/docs"],
];

/**
 * Paths that go to a service as they came: it knows them by itself, because their old clients read another body
 * (`Envelope` of `@stoa/http`). They come before {@link older}.
 */
export const passedOn: Readonly<Record<string, ServiceName>> = {
  "/user/login": "identity",
  "/api/user/login": "identity",
  "/data/save": "projects",
  "/api/data/save": "projects",
  "/projects/fetch-projects": "projects",
  "/api/projects/fetch-projects": "projects",
};

/** Whether a path is this one or below it. */
export function isUnder(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/");
}
