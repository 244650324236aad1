import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Nullable } from "@stoa/http";
import { boundedText, jsonIn } from "@stoa/http/bounded-text";
import { Email } from "../users/schema.ts";
import type { CorporateIdentity } from "./corporate-directory.ts";

/** The largest answer that is read, in bytes. */
const MOST = 65_536;

const Name = Type.String({ minLength: 1, maxLength: 255 });

/** What the directory answers; unknown members are ignored. */
const Answer = Type.Object({
  guid: Name,
  ace_user_id: Type.Union([Name, Type.Integer()]),
  username: Name,
  email: Type.Optional(Nullable(Email)),
  email_verified: Type.Optional(Nullable(Type.Boolean())),
  role: Type.Optional(Nullable(Type.String({ maxLength: 255 }))),
});

/**
 * Reads a person from the directory's answer.
 *
 * @throws Error when it is too large, or not as agreed; its message holds nothing of the answer
 */
export async function readIdentity(response: Response): Promise<CorporateIdentity> {
  const answer = jsonIn(await boundedText(response, MOST));
  if (!Value.Check(Answer, answer) || !isClean(answer)) throw new Error("The directory's answer is not as agreed.");
  const { guid, ace_user_id, username, email, email_verified, role = null } = answer;
  return { guid, ace_user_id, username, verified_email: email_verified === true ? (email ?? null) : null, role };
}

/** Control characters and lone surrogates do not belong in names. */
function isClean({ guid, ace_user_id, username }: Static<typeof Answer>): boolean {
  return ![guid, String(ace_user_id), username].some((text) => /[\p{Cc}\p{Cs}]|^\s|\s$/u.test(text));
}
