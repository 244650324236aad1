import { type Static, Type } from "@sinclair/typebox";
import { OrganizationRole } from "@stoa/events";
import { Id, listQuery, Nullable, OneOf, QueryList, Time } from "@stoa/http";
import { Role } from "../organizations/schema.ts";
import { Token } from "../tickets/schema.ts";
import { Email } from "../users/schema.ts";

const InvitationStatus = OneOf(["pending", "accepted", "declined", "revoked", "expired"], {
  description: "What has become of it.",
});

/** An invitation to an organization, as its managers see it. */
export const Invitation = Type.Object(
  {
    id: Id(),
    email: Type.String(),
    role: OrganizationRole,
    status: InvitationStatus,
    invited_by: Id({ description: "The user who sent it." }),
    expires_at: Time(),
    created_at: Time(),
  },
  { title: "Invitation" },
);
/** An invitation to an organization, as its managers see it. */
export type Invitation = Static<typeof Invitation>;

/** An invitation, as the user whom it invites sees it. */
export const OwnInvitation = Type.Object(
  {
    ...Invitation.properties,
    organization_id: Id({ description: "The organization that it invites to." }),
    organization_name: Type.String({ description: "The name of the organization." }),
    inviter_name: Nullable(
      Type.String({ description: "What the user who sent it is called; null once they are erased." }),
    ),
  },
  { title: "OwnInvitation" },
);
/** An invitation, as the user whom it invites sees it. */
export type OwnInvitation = Static<typeof OwnInvitation>;

/** Query of GET /invitations. */
export const OwnInvitationsQuery = listQuery({});
/** The query of GET /invitations. */
export type OwnInvitationsQuery = Static<typeof OwnInvitationsQuery>;

/** Path of one of the user's own invitations. */
export const OwnInvitationParams = Type.Object({ id: Id({ description: "An invitation." }) });

/** Body of POST /organizations/{id}/invitations. */
export const NewInvitation = Type.Object({ email: Email, role: Role }, { title: "NewInvitation" });
/** The body of POST /organizations/{id}/invitations. */
export type NewInvitation = Static<typeof NewInvitation>;

/** Query of GET /organizations/{id}/invitations. */
export const InvitationsQuery = listQuery({
  status: QueryList(InvitationStatus, { description: "Those of which one of these has become." }),
});
/** The query of GET /organizations/{id}/invitations. */
export type InvitationsQuery = Static<typeof InvitationsQuery>;

/** Body of POST /invitations/accept: the token of the mail. */
export const Acceptance = Type.Object({ token: Token }, { title: "Acceptance" });

/** Path of one invitation. */
export const InvitationParams = Type.Object({
  id: Id({ description: "An organization." }),
  invitation_id: Id({ description: "An invitation to it." }),
});
