import type { OperationSpec } from "../operation.ts";
import type { InfoObject, Schema, TagObject } from "./openapi.ts";

const description = `Users, projects, tasks and messages.

Ids are UUIDs. Times are RFC 3339: any offset is taken, UTC with milliseconds is answered. Unknown fields are refused.
Every error is an \`application/problem+json\` document (RFC 9457) with a stable \`error_code\`; the codes are explained
at /docs/errors. A path that exists and does not take a method answers 405 with \`Allow\`. Every answer has
\`X-Request-Id\`, yours if you send one. Lists answer \`items\` and \`next_cursor\`, which is null on the last page.`;

/** What a document is about. */
export function infoOf(title: string, version: string): InfoObject {
  return {
    title,
    version,
    description,
    license: { name: "MIT", identifier: "MIT" },
    contact: { name: "The operator of this deployment" },
  };
}

const tags: Readonly<Record<string, string>> = {
  administration: "Users, roles, sessions and the audit trail, for superusers.",
  conversations: "Direct conversations, groups and the conversations of projects, and who takes part in them.",
  follows: "Which tasks one is told of when something is said about them.",
  health: "Whether a service serves, for load balancers and operators.",
  keys: "The keys that sign access tokens.",
  messages: "Messages, and what is unread.",
  moderation: "Blocks, reports of messages, and the erasure of one's own.",
  notifications: "What a user should know of.",
  organizations: "Organizations, their members and invitations.",
  projects: "Projects and their members.",
  reports: "Reports of projects, as of any day.",
  "second factor": "Authenticator apps and recovery codes.",
  sessions: "Login, refresh, logout, and the sessions that result.",
  stream: "Live events over Server-Sent Events.",
  tasks: "Tasks of projects, and personal ones.",
  users: "Registration, one's own user, and finding others.",
};

/** A tag with what its operations are about. */
export function aboutTag(name: string): TagObject {
  const description = tags[name];
  return description === undefined ? { name } : { name, description };
}

/** How the operations take credentials. */
export function securitySchemesOf(specs: readonly OperationSpec[]): Record<string, Schema> {
  const bearer = {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The `access_token` of a login, as `Authorization: Bearer`.",
  };
  const ticket = {
    type: "apiKey",
    in: "query",
    name: "ticket",
    description: "A ticket for one stream, where a header cannot be sent.",
  };
  return { bearer, ...(specs.some((spec) => spec.ticket) && { ticket }) };
}
