import { StoaError } from "@stoa/errors";
import type { Ending } from "../carrier.ts";

/**
 * Why the server closes a socket, and its close code: after 4000 to 4099 a client comes back and resumes; from 4100 on it
 * would be refused again. The close reason is the name.
 */
export const closeCodes = {
  /** The process stops. */
  shutting_down: 4000,
  /** Come back with a new token. */
  token_expired: 4001,
  /** The client reads too slowly: come back and resume. */
  too_slow: 4002,
  /** Events cannot be read just now. */
  unavailable: 4003,
  /** A signing key was withdrawn: come back with a token that is valid. */
  key_revoked: 4004,
  /** Too many sockets of the user, or too many frames. */
  rate_limited: 4005,
  /** No token came in time, or the first frame was another one. */
  unauthorized: 4100,
  invalid_token: 4101,
  session_revoked: 4102,
  /** A frame was no JSON object with a type, or the first one was not as it must be. */
  malformed_frame: 4103,
} as const;

/** A reason for which the server closes a socket. */
export type CloseReason = keyof typeof closeCodes;

/** The reason for an ending; undefined when the client has gone, so that there is nobody to tell. */
export function reasonOf(why: Ending): CloseReason | undefined {
  return why === "gone" ? undefined : why;
}

/** The reason for a refusal. @throws what is no refusal */
export function reasonFor(error: unknown): CloseReason {
  if (!(error instanceof StoaError)) throw error;
  const { code } = error;
  if (code === "validation_failed") return "malformed_frame";
  return code in closeCodes ? (code as CloseReason) : "unavailable";
}
