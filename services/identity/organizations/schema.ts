import { type Static, Type } from "@sinclair/typebox";
import { OrganizationRole } from "@stoa/events";
import { Id, listQuery, Nullable, OneOf, optional, Patch, QueryBoolean, Text, Time, Version } from "@stoa/http";

/** An organization, as a user sees it: `role` is theirs. */
export const Organization = Type.Object(
  {
    id: Id(),
    name: Type.String(),
    slug: Type.String({ description: "A short name, unique without case." }),
    role: OrganizationRole,
    member_count: Type.Integer({ description: "How many members it has." }),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
  },
  { title: "Organization", description: "An organization. `role` is your own role in it." },
);
/** An organization, as a user sees it. */
export type Organization = Static<typeof Organization>;

/** A member of an organization. */
export const OrganizationMember = Type.Object(
  {
    user_id: Id({ description: "The member." }),
    username: Type.String(),
    full_name: Nullable(Type.String()),
    role: OrganizationRole,
    is_active: Type.Boolean({ description: "False: disabled, and cannot log in." }),
    joined_at: Time(),
  },
  { title: "OrganizationMember" },
);
/** A member of an organization. */
export type OrganizationMember = Static<typeof OrganizationMember>;

/** What its owners and admins say of an organization. */
const fields = {
  name: Text({ max: 255 }),
  slug: Text({
    min: 2,
    max: 50,
    pattern: "^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$",
    message: "Use 2 to 50 letters and digits, with single dashes between them.",
    description: "A short name, unique without case; made from the name when absent.",
  }),
};

/** Query of GET /organizations. */
export const OrganizationsQuery = listQuery({
  without_owner: QueryBoolean({
    description: "Those without an owner who may log in: a superuser can name another. `false`: the others.",
  }),
});
/** The query of GET /organizations. */
export type OrganizationsQuery = Static<typeof OrganizationsQuery>;

/** Body of POST /organizations. */
export const NewOrganization = Type.Object({ ...optional(fields), name: fields.name }, { title: "NewOrganization" });
/** The body of POST /organizations. */
export type NewOrganization = Static<typeof NewOrganization>;

/** Body of PATCH and PUT /organizations/{id}. */
export const OrganizationPatch = Patch(fields, Organization);
/** A change of an organization. */
export type OrganizationPatch = Static<typeof OrganizationPatch>;
/** The names of the fields that it may change. */
export const organizationFields = Object.keys(fields) as readonly (keyof typeof fields)[];

/** A role to give. */
export const Role = OneOf(["owner", "admin", "member"], { title: "OrganizationRole" });

/** Body of POST /organizations/{id}/members. */
export const NewMember = Type.Object(
  {
    user_id: Type.Optional(Id({ description: "Who; or send `username`." })),
    username: Type.Optional(Text({ max: 50, description: "Who; or send `user_id`." })),
    role: Role,
  },
  { title: "NewOrganizationMember" },
);
/** The body of POST /organizations/{id}/members. */
export type NewMember = Static<typeof NewMember>;

/** Body of PATCH and PUT /organizations/{id}/members/{user_id}. */
export const MemberPatch = Patch({ role: Role }, OrganizationMember);
/** A change of a membership. */
export type MemberPatch = Static<typeof MemberPatch>;

/** Path of one organization. */
export const OrganizationParams = Type.Object({ id: Id({ description: "An organization." }) });

/** Path of one member. */
export const MemberParams = Type.Object({
  id: Id({ description: "An organization." }),
  user_id: Id({ description: "A member of it." }),
});
