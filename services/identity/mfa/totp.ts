import { Secret, TOTP } from "otpauth";

/** What authenticator apps show the user beside their name. */
const ISSUER = "Stoa";
const SECRET_BYTES = 20;
const PERIOD = 30;
/** Codes of this many steps before and after the present one are accepted: clocks differ, and typing takes time. */
const WINDOW = 1;

/**
 * A new secret: 160 random bits, Base32.
 *
 * Source: RFC 4226, section 4 (R6); RFC 6238.
 */
export function newSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** The URL that an authenticator app reads: SHA-1, six digits, 30 seconds, which every app supports. */
export function otpauthUrl(secret: string, name: string): string {
  return totp(secret, name).toString();
}

/**
 * The time step whose code this is; undefined when it is none of the steps around now. Only the database knows whether
 * the step was used already.
 *
 * @param code its spaces are ignored
 */
export function stepOf(secret: string, code: string, now: Date): number | undefined {
  const token = code.replaceAll(" ", "");
  if (!/^\d{6}$/.test(token)) return undefined;
  const timestamp = now.getTime();
  const delta = totp(secret).validate({ token, timestamp, window: WINDOW });
  return delta === null ? undefined : Math.floor(timestamp / 1_000 / PERIOD) + delta;
}

function totp(secret: string, label = ""): TOTP {
  return new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), period: PERIOD });
}
