import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { invalidTicket } from "../tickets/ticket.ts";
import { hashOf } from "../tickets/token.ts";
import { unbacked } from "./lapse.ts";
import { isOpen } from "./read.ts";

/**
 * The parts of a registration that whoever registers holds an invitation's token, which was mailed to the address that they
 * register with. The invitation stays open: they accept it once they have logged in.
 *
 * @returns parts whose errors are `invalid_ticket` for a token that is unknown, used, revoked or too old, and `forbidden`
 *   for one that was mailed to another address
 */
export function invitedBy(token: string, email: string, now: Date): readonly (Part & Required<Pick<Part, "why">>)[] {
  const hash = hashOf(token);
  return [
    {
      guard: sql`exists (select 1 from invitations where token_hash = ${hash} and ${isOpen(now)} and not ${unbacked})`,
      why: invalidTicket,
    },
    {
      guard: sql`exists (select 1 from invitations where token_hash = ${hash} and email_key = ${emailKey(email)})`,
      why: () => new StoaError("forbidden", { detail: "This invitation was sent to another e-mail address." }),
    },
  ];
}
