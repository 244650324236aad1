import { insertRow, newId, type Sql } from "@stoa/db";
import type { Content } from "./compose.ts";
import { type MailKind, mails } from "./table.ts";

/** A mail to be sent. */
export interface NewMail {
  /** Its id, where something else refers to it. */
  readonly id?: string;
  readonly kind: MailKind;
  /** Its user: when they are erased, it is deleted. */
  readonly user_id: string | null;
  readonly recipient: string | Sql;
  /** Of an invitation: its address as it is compared, and who sent it. */
  readonly recipient_key?: string;
  readonly sender_id?: string;
  readonly content: Content;
  /** Now. */
  readonly time: string;
  /** After this it is not sent any more; three days from now unless given. */
  readonly expires_at?: string;
}

const EXPIRES_MS = 3 * 86_400_000;

/**
 * Queues a mail in the batch of a command: it will be sent if the command happened.
 *
 * @param happened of the command's event
 */
export function queueMail({ content, time, expires_at, ...mail }: NewMail, happened: Sql): Sql {
  const expiry = expires_at ?? new Date(Date.parse(time) + EXPIRES_MS).toISOString();
  return insertRow(
    mails,
    { id: newId(), ...mail, ...content, next_at: time, expires_at: expiry, created_at: time },
    happened,
  );
}
