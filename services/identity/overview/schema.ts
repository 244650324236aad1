import { type Static, Type } from "@sinclair/typebox";
import { OrganizationRole } from "@stoa/events";
import { Id, Nullable, Time } from "@stoa/http";
import { AuditEntry } from "../audit/schema.ts";
import { OwnInvitation } from "../invitations/schema.ts";
import { Session } from "../sessions/schema.ts";
import { User } from "../users/schema.ts";

/** A second factor, without its secret. */
const Factor = Type.Object(
  {
    type: Type.Literal("totp", { description: "An authenticator app." }),
    created_at: Time(),
    confirmed_at: Nullable(Time({ description: "Null while no code has confirmed it: then it does not count." })),
  },
  { title: "Factor" },
);

/** Failures that are counted for a user. */
const Throttle = Type.Object(
  {
    scope: Type.String({
      description: "What they are counted by: `account`, `device`, `proof` (the password asked again) or `code`.",
    }),
    failures: Type.Integer({ description: "How many came since the last success." }),
    failed_at: Time({ description: "When the last one came." }),
    blocked_until: Nullable(Time({ description: "Until when none is looked at; null below the limit." })),
  },
  { title: "Throttle" },
);

const Membership = Type.Object(
  {
    organization_id: Id({ description: "The organization that they are a member of." }),
    organization_name: Type.String({ description: "The organization's name." }),
    role: OrganizationRole,
    joined_at: Time(),
  },
  { title: "Membership" },
);

const Link = Type.Object(
  {
    origin: Type.String({ description: "The corporate directory." }),
    username: Type.String({ description: "Their name there." }),
  },
  { title: "CorporateLink" },
);

const GivenUp = Type.Object(
  { username: Type.String(), free_at: Time({ description: "When others may take it." }) },
  { title: "FormerUsername" },
);

/** What a superuser must know of a person to help them, or to stop somebody who is not them. */
export const Overview = Type.Object(
  {
    user: User,
    sessions: Type.Array(Session, { description: "The live ones, newest first." }),
    factors: Type.Array(Factor),
    recovery_codes_left: Type.Integer({ description: "How many recovery codes were not used yet." }),
    corporate: Type.Array(Link, { description: "Whom of a corporate directory they log in as." }),
    throttles: Type.Array(Throttle, {
      description: "What is counted against them now; `DELETE …/throttle` forgets it.",
    }),
    attempts: Type.Array(AuditEntry, {
      description: "Failed logins, and right passwords that were not enough, newest first.",
    }),
    memberships: Type.Array(Membership, { description: "Their organizations, newest first." }),
    invitations: Type.Array(OwnInvitation, {
      description: "Invitations to their address, whatever became of them, newest first.",
    }),
    sent_invitations: Type.Array(OwnInvitation, { description: "Open invitations that they have sent, newest first." }),
    former_usernames: Type.Array(GivenUp, { description: "Usernames that they gave up and that stay taken." }),
    audit: Type.Array(AuditEntry, { description: "What happened to them, newest first." }),
  },
  { title: "Overview" },
);
/** What a superuser must know of a person. */
export type Overview = Static<typeof Overview>;
