import { type TProperties, Type } from "@sinclair/typebox";
import { Id, Nullable, Time } from "@stoa/http";
import { AuditEntry } from "../audit/schema.ts";
import { User } from "../users/schema.ts";

const text = Type.String();
const section = (title: string, properties: TProperties) => Type.Array(Type.Object(properties, { title }));

/** All that identity holds on a user, as the export says it. */
export const UserExport = Type.Object(
  {
    exported_at: Time(),
    user: Type.Object(
      { ...User.properties, password_changed_at: Nullable(Time({ description: "Null: there is no password." })) },
      { title: "ExportedUser" },
    ),
    sessions: section("ExportedSession", {
      id: Id(),
      method: Type.String({ description: "What the user proved themselves with: `password`, `external`." }),
      device_info: Nullable(text),
      ip_address: Nullable(text),
      created_at: Time(),
      last_seen_at: Time(),
      expires_at: Time(),
      ended_at: Nullable(Time()),
      end_reason: Nullable(text),
    }),
    organizations: section("ExportedMembership", { id: Id(), name: text, role: text, joined_at: Time() }),
    invitations: section("ExportedInvitation", {
      id: Id(),
      organization: Type.String({ description: "The organization's name." }),
      email: text,
      role: text,
      status: text,
      created_at: Time(),
      expires_at: Time(),
    }),
    external_identities: section("ExportedExternalIdentity", {
      origin: Type.String({ description: "The corporate directory." }),
      guid: Type.String({ description: "The directory's id of the person." }),
      account_id: Type.String({ description: "The directory's account." }),
      username: text,
      created_at: Time(),
    }),
    second_factors: section("ExportedSecondFactor", {
      kind: Type.String({ description: "`totp` or `recovery_code`." }),
      created_at: Time(),
      confirmed_at: Nullable(Time()),
    }),
    former_usernames: section("ExportedFormerUsername", {
      username: text,
      free_at: Time({ description: "Until then nobody else takes it." }),
    }),
    known_devices: section("ExportedDevice", { last_login_at: Time() }),
    mails: section("ExportedMail", {
      id: Id(),
      kind: text,
      recipient: text,
      status: text,
      created_at: Time(),
      ended_at: Nullable(Time()),
    }),
    mailed_tokens: section("ExportedToken", {
      purpose: text,
      email: text,
      created_at: Time(),
      expires_at: Time(),
      used_at: Nullable(Time()),
    }),
    audit: Type.Array(AuditEntry),
  },
  { title: "UserExport" },
);
