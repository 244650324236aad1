/** A mail on its way out. */
export interface Mail {
  /** Stays the same however often it is delivered: also the Message-ID, by which a second copy is known. */
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly created_at: string;
}

/** Brings mails out of the process: the root gives it (Workers have none). */
export interface Mailer {
  /** @throws MailFailure when nobody took the mail, or it is not known whether somebody did */
  deliver(mail: Mail): Promise<void>;
}

/** A mail was not taken. Says why by a code alone: what servers say names the address. */
export class MailFailure extends Error {
  override readonly name = "MailFailure";
  constructor(
    /** `ECONNECTION`, `EENVELOPE 550` and the like. */
    readonly code: string,
    /** The server will never take this mail: no other try is worth it. */
    readonly permanent: boolean,
  ) {
    super(`The mail was not taken (${code}).`);
  }
}
