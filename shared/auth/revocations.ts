/** The parts of an access token that can be revoked or overridden before it expires. */
export interface TokenSubject {
  readonly user_id: string;
  readonly session_id: string;
  readonly kid: string;
  /** `iat` of the token, seconds since 1970. */
  readonly issued_at: number;
}

/** What has changed about a token's user, session or key since the token was signed. */
export interface Override {
  /** `session`: the session ended. `user`: the user was disabled or erased. `key`: the signing key was revoked. */
  readonly revoked: false | "session" | "user" | "key";
  /** Present when it changed after the token was signed. */
  readonly is_superuser?: boolean;
  readonly roles?: readonly string[];
}

/**
 * The sessions that ended and the users that changed within one token lifetime. Bun keeps them in memory, from
 * identity's events; Workers read them from a table.
 */
export interface Revocations {
  lookup(token: TokenSubject): Override | undefined | Promise<Override | undefined>;
}
