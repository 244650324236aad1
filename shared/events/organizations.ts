import { type Static, Type } from "@sinclair/typebox";
import { closed, Id, Nullable } from "./schema.ts";

/** Roles in an organization, most rights first. */
export const OrganizationRole = Type.Union([Type.Literal("owner"), Type.Literal("admin"), Type.Literal("member")], {
  title: "OrganizationRole",
});
/** A role in an organization. */
export type OrganizationRole = Static<typeof OrganizationRole>;

/** The fields of every event of an organization. */
const organization = { organization_id: Id, name: Type.String() };
const member = { ...organization, user_id: Id };

/**
 * The events of organizations. The aggregate is the organization. `organization.created` makes `owner_id` its first owner
 * (no `organization.member_added` follows), and `organization.deleted` ends all memberships and invitations at once.
 */
export const organizationEvents = {
  "organization.created": closed({ ...organization, slug: Type.String(), owner_id: Id }),
  "organization.updated": closed({ ...organization, slug: Type.String() }),
  "organization.deleted": closed(organization),
  /** `invitation_id`: the invitation that was accepted; null when an admin added them. */
  "organization.member_added": closed({ ...member, role: OrganizationRole, invitation_id: Nullable(Id) }),
  "organization.member_role_changed": closed({ ...member, from: OrganizationRole, to: OrganizationRole }),
  "organization.member_removed": closed({ ...member, role: OrganizationRole }),
  /** `user_id`: the user with that verified address, or null when there is none. The address itself stays in identity. */
  "organization.member_invited": closed({
    ...organization,
    invitation_id: Id,
    role: OrganizationRole,
    user_id: Nullable(Id),
  }),
  /** A manager revoked it, its inviter may no longer give that role, or its user was added or removed by hand. */
  "organization.invitation_revoked": closed({ ...organization, invitation_id: Id }),
  /** It was mailed again, for another seven days: the token of the earlier mail is worth nothing any more. */
  "invitation.resent": closed({ ...organization, invitation_id: Id, role: OrganizationRole, user_id: Nullable(Id) }),
  /** The user to whose verified address it was sent does not want it. */
  "invitation.declined": closed({ ...organization, invitation_id: Id, user_id: Id }),
} as const;
