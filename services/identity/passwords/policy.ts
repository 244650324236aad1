import { StoaError } from "@stoa/errors";
import type { Passwords } from "./passwords.ts";

const MIN_LENGTH = 10;
/** With a second factor a guessed password alone is not enough. */
const MIN_LENGTH_WITH_MFA = 8;
const MAX_LENGTH = 128;
const MIN_SCORE = 3;

/** The sentence for each weakness that the estimate finds. */
const weaknesses: Readonly<Record<string, string>> = {
  straightRow: "It is a row of keys on the keyboard.",
  keyPattern: "It is a short pattern of keys on the keyboard.",
  simpleRepeat: "It repeats one character.",
  extendedRepeat: "It repeats a few characters.",
  sequences: "It is a sequence such as abc or 6543.",
  recentYears: "It holds a recent year.",
  dates: "It holds a date.",
  topTen: "It is one of the most used passwords.",
  topHundred: "It is one of the most used passwords.",
  common: "It is a common password.",
  similarToCommon: "It is much like a common password.",
  userInputs: "It holds your e-mail, username or name.",
};

/** A password as it is compared: in NFC, not trimmed. */
export function normalPassword(password: string): string {
  return password.normalize("NFC");
}

/** Whether a password is long enough only as long as its user has a second factor. */
export function isShort(password: string): boolean {
  return [...password].length < MIN_LENGTH;
}

/**
 * Accepts a new password of 10 to 128 characters, 8 for a user with a second factor, that is hard enough to guess.
 * There are no rules about kinds of characters.
 *
 * @param known the user's e-mail, username and name
 * @param path of the password in the body
 * @param options `mfa`: whether the user has a second factor
 * @throws StoaError `weak_password`, saying what is missing
 *
 * Source: NIST SP 800-63B-4, section 3.1.1.2; OWASP Authentication Cheat Sheet.
 */
export async function requireStrong(
  passwords: Passwords,
  password: string,
  known: readonly (string | null | undefined)[],
  path: string,
  { mfa = false }: { readonly mfa?: boolean } = {},
): Promise<void> {
  const length = [...password].length;
  const least = mfa ? MIN_LENGTH_WITH_MFA : MIN_LENGTH;
  if (length < least) refuse(path, `It needs at least ${least} characters; it has ${length}.`);
  if (length > MAX_LENGTH) refuse(path, `It may have at most ${MAX_LENGTH} characters; it has ${length}.`);
  const { score, weakness } = await passwords.estimate(password, partsOf(known));
  // The estimate allows ten guesses a character, so that eight characters never reach 3, not even random ones.
  if (score >= MIN_SCORE || (length === MIN_LENGTH_WITH_MFA && score === MIN_SCORE - 1)) return;
  const found = weaknesses[weakness ?? ""];
  refuse(path, `${found ? `${found} ` : "It is too easy to guess. "}Add unrelated words or characters.`);
}

function refuse(path: string, message: string): never {
  throw new StoaError("weak_password", { detail: `The password is too weak. ${message}`, errors: [{ path, message }] });
}

/** Each name as a whole, and its words. */
function partsOf(known: readonly (string | null | undefined)[]): string[] {
  const names = known.filter((name): name is string => typeof name === "string" && name !== "");
  const parts = names.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(parts.map((part) => part.toLowerCase()).filter((part) => part.length >= 3))].slice(0, 50);
}
