import type { Cause } from "@stoa/events";

/** The user and session that an access token authenticates. */
export interface Principal {
  readonly user_id: string;
  readonly session_id: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly is_superuser: boolean;
  /** When the user last authenticated; seconds since 1970. */
  readonly auth_time: number;
  /**
   * How the session was authenticated: `pwd`; `otp` for a code, and then `mfa`. Empty in tokens from before it was said.
   *
   * Source: RFC 8176 (authentication method reference values).
   */
  readonly amr: readonly string[];
  /** When the token expires; seconds since 1970. */
  readonly expires_at: number;
  /** The token's own id. */
  readonly token_id: string;
}

/** A principal together with the request it acts in; use cases take it as `actor`. */
export interface Actor extends Principal {
  readonly cause: Cause;
}
