import { join } from "node:path";
import { outboxMailer, smtpMailer } from "./mailer-bun.ts";
import { outboxSweeper } from "./outbox-sweeper-bun.ts";
import type { SenderDeps } from "./send.ts";
import { startSender } from "./sender-bun.ts";

/** What sends a service's mails in a process. */
export interface RunningMails {
  /** The outbox is swept soon, because a user was erased. */
  sweepSoon(): void;
  /** Resolves when the deliveries under way have ended, or after five seconds without them. */
  stop(): Promise<void>;
}

/** Where mails go: the variables of the environment with these names. */
interface MailConfig {
  readonly data_dir: string;
  readonly smtp_url: string | null;
  readonly mail_from: string;
}

/**
 * Sends the mails that a service queues, over SMTP, or into `DATA_DIR/outbox` where there is no mail server.
 *
 * @param prefix begins the names of files in the outbox, so that each service sweeps its own alone
 */
export function startMails(
  { config, db, now, log }: Omit<SenderDeps, "mailer"> & { readonly config: MailConfig },
  prefix = "",
): RunningMails {
  const { data_dir, smtp_url, mail_from } = config;
  const outbox = join(data_dir, "outbox");
  const mailer = smtp_url === null ? outboxMailer(outbox, mail_from, log, prefix) : smtpMailer(smtp_url, mail_from);
  const sweeper = outboxSweeper(outbox, db, now, prefix);
  return { sweepSoon: sweeper.soon, stop: startSender({ db, now, mailer, log }, { afterwards: sweeper.turn }) };
}
