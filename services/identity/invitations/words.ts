import type { OrganizationRole } from "@stoa/events";
import type { Words } from "@stoa/mail/compose";
import { defused } from "@stoa/mail/defuse";

const articles: Readonly<Record<OrganizationRole, string>> = {
  owner: "an owner",
  admin: "an admin",
  member: "a member",
};

/** What the mail with an invitation says. Names are other people's choice, so that they hold no links. */
export function invitationWords(invitation: {
  readonly token: string;
  readonly role: OrganizationRole;
  readonly organization: string;
  readonly inviter: string;
}): Words {
  const { token, role } = invitation;
  const [organization, inviter] = [defused(invitation.organization), defused(invitation.inviter)];
  return {
    subject: `Invitation to ${organization}`,
    name: null,
    paragraphs: [
      `${inviter} invites you to ${organization}, as ${articles[role]}.`,
      "Log in with this e-mail address, or register with it, and accept within seven days:",
    ],
    link: { page: "accept-invitation", token },
    closing: ["If you do not know who this is, ignore this mail: nothing happens."],
  };
}
