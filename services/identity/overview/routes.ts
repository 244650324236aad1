import { controller, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { overviewExample } from "../examples.ts";
import { liftThrottleOf } from "../throttle/lift-of.ts";
import { UserParams } from "../users/schema.ts";
import { readOverview } from "./read.ts";
import { Overview } from "./schema.ts";

const about = { access: "superuser", tags: ["administration"], params: UserParams } as const;

/** What superusers look at when a person needs help with their user. */
export function overviewRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth/users/:id")
    .get(
      "/overview",
      ({ actor, params }) => readOverview(deps, actor, params.id),
      operation({
        id: "users.overview.get",
        ...about,
        summary: "Read what there is to know of a person",
        description:
          "The user with their live sessions, factors, failed logins, memberships, invitations and audit trail: of each the newest twenty. The lists of sessions and of the audit trail have the rest.",
        answer: Overview,
        errors: ["not_found"],
        example: { answer: overviewExample },
      }),
    )
    .delete(
      "/throttle",
      ({ actor, params }) => liftThrottleOf(deps, actor, params.id),
      operation({
        id: "users.throttle.delete",
        ...about,
        summary: "Let a user try again at once",
        description:
          "Failed logins, codes and passwords that are counted for them are forgotten. What is counted for an address stays. It takes your own login within the last ten minutes, or a proof at `POST /api/v1/auth/reauthenticate`.",
        answer: null,
        errors: ["not_found", "step_up_required"],
      }),
    );
}
