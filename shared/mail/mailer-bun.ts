import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateFile, privateFolder } from "@stoa/db/private-files-bun";
import type { Logger } from "@stoa/http";
import type { SendMailOptions } from "nodemailer";
import { type Mail, type Mailer, MailFailure } from "./mailer.ts";

/** How long a mail server may take for each step; milliseconds. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;

/** Nodemailer is loaded with the first mail: many processes send none, and it would be some of every start. */
function withFirstMail<T>(make: (library: typeof import("nodemailer")) => T): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= import("nodemailer").then(make);
    return made;
  };
}

/**
 * Sends mails over SMTP.
 *
 * @param url `smtp://user:password@host:587`, or `smtps:`; a query sets options of nodemailer, `?ignoreTLS=true`
 * @param from `Stoa <stoa@example.com>`
 */
export function smtpMailer(url: string, from: string): Mailer {
  const transport = withFirstMail(({ createTransport }) =>
    createTransport({
      url,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    }),
  );
  return {
    async deliver(mail) {
      try {
        await (await transport()).sendMail(messageOf(mail, from));
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
}

/**
 * Writes mails into a folder as `.eml` files, where there is no mail server. The log names the file, never its content.
 * A mail that is delivered again replaces its file.
 *
 * @param prefix begins the names of the files; services that share the folder have different ones
 */
export function outboxMailer(folder: string, from: string, log: Logger, prefix = ""): Mailer {
  const composer = withFirstMail(({ createTransport }) =>
    createTransport({ streamTransport: true, buffer: true, disableFileAccess: true }),
  );
  return {
    async deliver(mail) {
      const { message } = await (await composer()).sendMail(messageOf(mail, from));
      privateFolder(folder);
      const path = join(folder, `${prefix}${mail.id}.eml`);
      const fresh = `${path}.new`;
      privateFile(fresh);
      await writeFile(fresh, message as Uint8Array);
      await rename(fresh, path);
      log.info({ file: path }, "There is no SMTP_URL: a mail was written to a file.");
    },
  };
}

function messageOf({ id, recipient, subject, text, html, created_at }: Mail, from: string): SendMailOptions {
  const host = /@([\w.-]+)>?$/.exec(from)?.[1] ?? "localhost";
  return {
    from,
    // An object, so that no list of addresses and no header can be injected.
    to: { name: "", address: recipient },
    subject,
    alternatives: [part("text/plain", text), part("text/html", html)],
    date: new Date(created_at),
    messageId: `<${id}@${host}>`,
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

/** Plain ASCII is not encoded, so that a link can be copied out of a file. */
function part(type: string, content: string) {
  const plain = content.split("\n").every((line) => /^[ -~]{0,900}$/.test(line));
  const contentTransferEncoding = plain ? ("7bit" as const) : ("quoted-printable" as const);
  return { contentType: `${type}; charset=utf-8`, content, contentTransferEncoding };
}

/** A 5xx to the recipient or the message is final; one to the login or the connection is for the operator to fix. */
function failureOf(error: unknown): MailFailure {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const name = typeof code === "string" ? code : "unexpected";
  const status = typeof responseCode === "number" ? responseCode : undefined;
  const permanent = (name === "EENVELOPE" || name === "EMESSAGE") && (status === undefined || status >= 500);
  return new MailFailure(status === undefined ? name : `${name} ${status}`, permanent);
}
