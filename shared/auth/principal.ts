import type { Cause } from "@stoa/events";

/** Who an access token speaks for. */
export interface Principal {
  readonly user_id: string;
  readonly session_id: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly is_superuser: boolean;
  /** When the user last proved who they are; seconds since 1970. */
  readonly auth_time: number;
  /** When the token ends; seconds since 1970. */
  readonly expires_at: number;
  /** The token's own id. */
  readonly token_id: string;
}

/** A principal acting in a request: what use cases take as `actor`. */
export interface Actor extends Principal {
  readonly cause: Cause;
}
