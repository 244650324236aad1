import { controller, created, idempotent, List, operation, tagged } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { invitationExample, organizationExample, ownInvitationExample } from "../examples.ts";
import { Organization, OrganizationParams } from "../organizations/schema.ts";
import { acceptInvitation, acceptOwnInvitation } from "./accept.ts";
import { createInvitation } from "./create.ts";
import { declineInvitation } from "./decline.ts";
import { listInvitations } from "./list.ts";
import { listOwnInvitations } from "./own.ts";
import { readInvitation } from "./read.ts";
import { resendInvitation } from "./resend.ts";
import { revokeInvitation } from "./revoke.ts";
import {
  Acceptance,
  Invitation,
  InvitationParams,
  InvitationsQuery,
  NewInvitation,
  OwnInvitation,
  OwnInvitationParams,
  OwnInvitationsQuery,
} from "./schema.ts";

const common = { access: "user", tags: ["organizations"] } as const;
const all = { ...common, params: OrganizationParams } as const;
const one = { ...common, params: InvitationParams } as const;
const own = { ...common, params: OwnInvitationParams } as const;
const accepted = { ...organizationExample, role: "admin", member_count: 2, version: 2 } as const;

/** Invitations to organizations. */
export function invitationRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1")
    .get(
      "/organizations/:id/invitations",
      ({ actor, params, query }) => listInvitations(deps, actor, params.id, query),
      operation({
        id: "organizations.invitations.list",
        ...all,
        summary: "List an organization's invitations",
        description: "For owners and admins. Newest first.",
        query: InvitationsQuery,
        answer: List(Invitation),
        errors: ["not_found", "forbidden", "invalid_cursor"],
      }),
    )
    .post(
      "/organizations/:id/invitations",
      async ({ asked, actor, params, body, set }) => {
        const invitation = await idempotent(
          deps,
          asked,
          (claim) => createInvitation(deps, actor, params.id, body, claim),
          (id) => readInvitation(deps, actor, params.id, id),
        );
        return created(set, invitation, `/api/v1/organizations/${params.id}/invitations/${invitation.id}`);
      },
      operation({
        id: "organizations.invitations.create",
        ...all,
        summary: "Invite someone by e-mail",
        description:
          "For owners and admins; only owners invite owners. The mail carries a token that lasts seven days. An address gets at most five mails an hour from one inviter. An inviter sends 50 a day, or 5 while their own address is not verified; superusers as many as they like.",
        limit: "mail",
        body: NewInvitation,
        status: 201,
        answer: Invitation,
        errors: ["not_found", "forbidden", "already_member", "already_invited", "idempotency_key_reused"],
        example: { body: { email: invitationExample.email, role: "admin" }, answer: invitationExample },
      }),
    )
    .get(
      "/organizations/:id/invitations/:invitation_id",
      ({ actor, params }) => readInvitation(deps, actor, params.id, params.invitation_id),
      operation({
        id: "organizations.invitations.get",
        ...one,
        summary: "Read an invitation",
        description: "For owners and admins. What has become of it is in `status`.",
        answer: Invitation,
        errors: ["not_found", "forbidden"],
      }),
    )
    .delete(
      "/organizations/:id/invitations/:invitation_id",
      ({ actor, params }) => revokeInvitation(deps, actor, params.id, params.invitation_id),
      operation({
        id: "organizations.invitations.delete",
        ...one,
        summary: "Revoke an invitation",
        description:
          "For owners and admins. The token of its mail works no more. An invitation that was accepted cannot be revoked: remove the member instead.",
        answer: null,
        errors: ["not_found", "forbidden", "invitation_accepted"],
      }),
    )
    .post(
      "/organizations/:id/invitations/:invitation_id/resend",
      ({ actor, params }) => resendInvitation(deps, actor, params.id, params.invitation_id),
      operation({
        id: "organizations.invitations.resend",
        ...one,
        summary: "Mail an invitation again",
        description:
          "For owners and admins. It is good for another seven days, also if it had expired, by the token of the new mail alone. The mail counts like that of a new invitation.",
        limit: "mail",
        answer: Invitation,
        errors: ["not_found", "forbidden", "invitation_accepted", "invitation_closed", "already_invited"],
      }),
    )
    .get(
      "/invitations",
      ({ actor, query }) => listOwnInvitations(deps, actor, query),
      operation({
        id: "invitations.list",
        ...common,
        summary: "List the invitations to oneself",
        description:
          "Those to your own e-mail address that you can accept, newest first; none while the address is not verified.",
        query: OwnInvitationsQuery,
        answer: List(OwnInvitation),
        errors: ["invalid_cursor"],
      }),
    )
    .post(
      "/invitations/:id/accept",
      async ({ actor, params, set }) => tagged(set, await acceptOwnInvitation(deps, actor, params.id)),
      operation({
        id: "invitations.acceptOwn",
        ...own,
        summary: "Accept an invitation to oneself",
        description:
          "For the user with the e-mail address that it was sent to, verified. With the token of the mail, `POST /api/v1/invitations/accept` verifies it as well.",
        answer: Organization,
        errors: ["not_found", "forbidden", "already_member", "invitation_closed"],
        example: { answer: accepted },
      }),
    )
    .post(
      "/invitations/:id/decline",
      ({ actor, params }) => declineInvitation(deps, actor, params.id),
      operation({
        id: "invitations.decline",
        ...own,
        summary: "Decline an invitation to oneself",
        description:
          "For the user with the e-mail address that it was sent to, verified. Its token works no more. One that was declined or revoked, or has expired, stays as it is.",
        answer: OwnInvitation,
        errors: ["not_found", "forbidden", "invitation_accepted"],
        example: { answer: { ...ownInvitationExample, status: "declined" } },
      }),
    )
    .post(
      "/invitations/accept",
      async ({ actor, body, set }) => tagged(set, await acceptInvitation(deps, actor, body.token)),
      operation({
        id: "invitations.accept",
        ...common,
        summary: "Accept an invitation",
        description:
          "For the user whose e-mail address the invitation was sent to. Accepting it verifies that address. It is worth nothing any more once its inviter may no longer give that role, and once the user was added or removed by hand.",
        body: Acceptance,
        answer: Organization,
        errors: ["invalid_ticket", "forbidden", "already_member"],
        example: {
          body: { token: "q2x0Yw…" },
          answer: accepted,
        },
      }),
    );
}
