/** The parts of an access token that can be revoked or overridden before it expires. */
export interface TokenSubject {
  readonly user_id: string;
  readonly session_id: string;
  readonly kid: string;
  /** `iat` of the token, seconds since 1970. */
  readonly issued_at: number;
}

/** What is known of a token's user, session and key that its claims do not say. */
export interface Override {
  /** `session`: it ended. `user`: disabled or erased. `key`: the signing key was revoked. */
  readonly revoked: false | "session" | "user" | "key";
  /** Present when changed after the token was signed. */
  readonly is_superuser?: boolean;
  readonly roles?: readonly string[];
}

/**
 * The sessions that ended and the users that changed within one token lifetime. In memory on Bun (fed by
 * identity's events), a table on Workers.
 */
export interface Revocations {
  lookup(token: TokenSubject): Override | undefined | Promise<Override | undefined>;
}
