import type { Sql } from "@stoa/db";
import { tellUser } from "../mail/tell.ts";

const alarm =
  "If it was not you, choose a new password at once, and look at your sessions. If you cannot log in, tell the operator of this Stoa.";

/** The mail that tells a user that logins ask for a code from now on. */
export function factorAddedMail(id: string, username: string | null, time: string, happened: Sql): Sql {
  const notice = {
    subject: "A second factor was added",
    paragraphs: [
      "Logins of your user ask for a code of an authenticator app from now on. Your other sessions have ended.",
    ],
    closing: [alarm],
  };
  return tellUser("factor_added", { id, username }, notice, time, happened);
}

/** The mail that tells a user that their password alone logs in again. */
export function factorRemovedMail(id: string, time: string, happened: Sql): Sql {
  const notice = {
    subject: "Your second factor was removed",
    paragraphs: ["The password alone logs in to your user now. The recovery codes work no more either."],
    closing: [alarm],
  };
  return tellUser("factor_removed", { id, username: null }, notice, time, happened);
}

/** The mail that tells a user that one of their recovery codes was used. */
export function recoveryCodeUsedMail(id: string, time: string, happened: Sql): Sql {
  const notice = {
    subject: "A recovery code was used",
    paragraphs: [
      "Somebody proved to be you by a recovery code instead of your authenticator app. Each code works once; if few are left, make ten new ones.",
    ],
    closing: [alarm],
  };
  return tellUser("recovery_code_used", { id, username: null }, notice, time, happened);
}
