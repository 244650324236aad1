import { StoaError } from "@stoa/errors";

/** Who gives a user their name: anyone themselves, or somebody whom everyone here trusts (a superuser, an import, the operator). */
export type NameGiver = "anyone" | "trusted";

/** Words by which a message addresses everybody: as somebody's name they would mean two things. */
const mentionWords: ReadonlySet<string> = new Set(["all", "here", "everyone", "channel"]);
/** Names by which a user would seem to speak for Stoa. */
const officialNames: ReadonlySet<string> = new Set(["admin", "root", "system", "stoa"]);
/** A UUID, with or without dashes: wherever a user is named, it would be read as an id. */
const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9a-f]{32}$/;

/** Whether a username is kept from users. @param username in lower case */
export function isReserved(username: string, giver: NameGiver): boolean {
  if (mentionWords.has(username)) return true;
  return giver === "anyone" && (officialNames.has(username) || id.test(username));
}

/** @throws StoaError `validation_failed` for a reserved username */
export function refuseReserved(username: string | undefined, giver: NameGiver): void {
  if (username === undefined || !isReserved(username, giver)) return;
  const message = "This username is reserved; choose another.";
  throw new StoaError("validation_failed", { errors: [{ path: "/username", message }] });
}
