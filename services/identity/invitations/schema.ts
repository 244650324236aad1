import { type Static, Type } from "@sinclair/typebox";
import { OrganizationRole } from "@stoa/events";
import { Id, OneOf, Text, Time } from "@stoa/http";
import { Role } from "../organizations/schema.ts";
import { Email } from "../users/schema.ts";

const statuses = ["pending", "accepted", "revoked", "expired"] as const;

/** What became of an invitation. */
export const InvitationStatus = OneOf(statuses, { description: "What has become of it." });

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

/** Someone to invite, and as what. */
export const NewInvitation = Type.Object({ email: Email, role: Role }, { title: "NewInvitation" });

/** The token of the mail. */
export const Acceptance = Type.Object(
  { token: Text({ max: 255, verbatim: true, description: "From the mail." }) },
  { title: "Acceptance" },
);

/** An organization's and an invitation's id in a path. */
export const InvitationParams = Type.Object({
  id: Id({ description: "An organization." }),
  invitation_id: Id({ description: "An invitation to it." }),
});

/** What the documentation shows. */
export const exampleInvitation = {
  id: "019aa0f0-7081-7ca2-b3d4-e5f60718293a",
  email: "grace@example.com",
  role: "admin",
  status: "pending",
  invited_by: "019aa0f0-3c2b-7d4e-9a61-5f0c2b7d4e9a",
  expires_at: "2026-11-27T09:00:00.000Z",
  created_at: "2026-11-20T09:00:00.000Z",
} satisfies Invitation;
