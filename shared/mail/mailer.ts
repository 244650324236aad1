/** A mail on its way out. */
export interface Mail {
  /** The same however often it is delivered. It makes the Message-ID, by which a second copy is recognized. */
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly created_at: string;
}

/** Delivers mails. The process's entry point provides it; Workers have none. */
export interface Mailer {
  /** @throws MailFailure when nobody took the mail, or it is not known whether somebody did */
  deliver(mail: Mail): Promise<void>;
}

/** A mail was not taken. It gives the reason only as a code, since what servers say names the address. */
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
