import { controller, List, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { readUser } from "../users/read.ts";
import { UserParams } from "../users/schema.ts";
import { listSessions } from "./list.ts";
import { revokeSessionOf, revokeSessionsOf } from "./revoke.ts";
import { Session, SessionsQuery, UserSessionParams } from "./schema.ts";

const about = { access: "superuser", tags: ["administration"], params: UserParams, errors: ["not_found"] } as const;

/** The sessions of other users, for superusers. */
export function sessionAdminRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth/users/:id/sessions")
    .get(
      "",
      async ({ actor, params, query }) => {
        const { id } = await readUser(deps.db, params.id);
        return listSessions(deps, id, actor.session_id, query);
      },
      operation({
        id: "users.sessions.list",
        ...about,
        summary: "List a user's sessions",
        description: "The live ones, newest first; with `ended=true` those that ended within 30 days.",
        query: SessionsQuery,
        answer: List(Session),
      }),
    )
    .delete(
      "",
      ({ actor, params }) => revokeSessionsOf(deps, actor, params.id),
      operation({
        id: "users.sessions.deleteAll",
        ...about,
        summary: "End all of a user's sessions",
        description: "Their tokens are refused from then on, and their streams close.",
        answer: null,
      }),
    )
    .delete(
      "/:session_id",
      ({ actor, params }) => revokeSessionOf(deps, actor, params.id, params.session_id),
      operation({
        id: "users.sessions.delete",
        ...about,
        summary: "End one of a user's sessions",
        description:
          "Its tokens are refused from then on, and its streams close. A session that has ended stays as it is.",
        params: UserSessionParams,
        answer: null,
      }),
    );
}
