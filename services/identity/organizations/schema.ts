import { type Static, Type } from "@sinclair/typebox";
import { OrganizationRole } from "@stoa/events";
import { Id, Nullable, OneOf, Patch, Text, Time, Version } from "@stoa/http";

/** An organization, as the asker sees it: `role` is theirs. */
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
/** An organization, as the asker sees it. */
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

const Name = Text({ max: 255 });
const Slug = Text({
  min: 2,
  max: 50,
  pattern: "^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$",
  message: "Use 2 to 50 letters and digits, with single dashes between them.",
  description: "A short name, unique without case; made from the name when absent.",
});

/** A role to give. */
export const Role = OneOf(["owner", "admin", "member"], { title: "OrganizationRole" });

/** An organization to be. */
export const NewOrganization = Type.Object({ name: Name, slug: Type.Optional(Slug) }, { title: "NewOrganization" });

/** What may be changed of an organization; any other field must equal its present value. */
export const OrganizationPatch = Patch({ name: Name, slug: Slug }, Organization);

/** Someone who becomes a member. */
export const NewMember = Type.Object(
  {
    user_id: Type.Optional(Id({ description: "Who; or send `username`." })),
    username: Type.Optional(Text({ max: 50, description: "Who; or send `user_id`." })),
    role: Role,
  },
  { title: "NewOrganizationMember" },
);

/** What may be changed of a membership; any other field must equal its present value. */
export const MemberPatch = Patch({ role: Role }, OrganizationMember);

/** An organization's id in a path. */
export const OrganizationParams = Type.Object({ id: Id({ description: "An organization." }) });

/** An organization's and a user's id in a path. */
export const MemberParams = Type.Object({
  id: Id({ description: "An organization." }),
  user_id: Id({ description: "A member of it." }),
});

/** What the documentation shows. */
export const exampleOrganization = {
  id: "019aa0f0-6f70-7b91-a2c3-d4e5f6071829",
  name: "Analytical Engines",
  slug: "analytical-engines",
  role: "owner",
  member_count: 1,
  version: 1,
  created_at: "2026-11-20T09:00:00.000Z",
  updated_at: "2026-11-20T09:00:00.000Z",
} satisfies Organization;

/** What the documentation shows. */
export const exampleMember = {
  user_id: "019aa0f0-3c2b-7d4e-9a61-5f0c2b7d4e9a",
  username: "ada",
  full_name: "Ada Lovelace",
  role: "admin",
  is_active: true,
  joined_at: "2026-11-20T09:00:00.000Z",
} satisfies OrganizationMember;
