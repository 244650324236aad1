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

/** What operations are about, in the order in which somebody new needs them: to sign in first, to run Stoa last. */
const tags: Readonly<Record<string, string>> = {
  sessions: "Login, refresh, logout, and the sessions that result.",
  users: "Registration, one's own user, and finding others.",
  "second factor": "Authenticator apps and recovery codes.",
  organizations: "Organizations, their members and invitations.",
  projects: "Projects and their members.",
  tasks: "Tasks of projects, and personal ones.",
  views: "Filters of a project's tasks that are kept under a name.",
  reports: "Reports of projects, as of any day.",
  data: "Importing projects and tasks of another system.",
  webhooks: "Events of a project, sent to an address of one's own.",
  conversations: "Direct conversations, groups and the conversations of projects, and who takes part in them.",
  messages: "Messages, and what is unread.",
  assistants: "Assistants that take part in conversations.",
  follows: "Which tasks one is told of when something is said about them.",
  notifications: "What a user should know of.",
  stream: "Live events over Server-Sent Events and WebSocket.",
  presence: "Who is there.",
  moderation: "Blocks, reports of messages, and the erasure of one's own.",
  health: "Whether a service serves, for load balancers and operators.",
  administration: "Users, roles, sessions and the audit trail, for superusers.",
  keys: "The keys that sign access tokens.",
  backups: "Copies of the databases, for superusers.",
};

/** Tags in the order in which a newcomer needs them; those without a text stand last. */
export function inOrder(found: readonly TagObject[]): TagObject[] {
  const names = Object.keys(tags);
  const place = ({ name }: TagObject) => (names.includes(name) ? names.indexOf(name) : names.length);
  return found.toSorted((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

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
  const password = {
    type: "oauth2",
    description: "A username or e-mail and a password; the token of the login is then sent as bearer.",
    flows: { password: { tokenUrl: "/api/v1/auth/login", scopes: {} } },
  };
  const ticket = {
    type: "apiKey",
    in: "query",
    name: "ticket",
    description: "A ticket for one stream, where a header cannot be sent.",
  };
  return { bearer, password, ...(specs.some((spec) => spec.ticket) && { ticket }) };
}
