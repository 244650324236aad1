import type { RevocationEvent } from "@stoa/auth";
import type { Database } from "@stoa/db";
import type { HttpDeps } from "@stoa/http";
import type { KeyRing } from "./keys/ring.ts";
import type { Passwords } from "./passwords/passwords.ts";
import type { RefreshTokens } from "./sessions/refresh-token.ts";

/** What identity needs of the world. */
export interface Deps {
  readonly http: HttpDeps;
  readonly db: Database;
  readonly now: () => Date;
  /** Null where passwords cannot be hashed (Workers): those routes answer 501. */
  readonly passwords: Passwords | null;
  readonly keys: KeyRing;
  /** `PUBLIC_URL`: begins the links in mails, without a slash at the end. */
  readonly public_url: string;
  readonly refreshTokens: RefreshTokens;
  /** This process's own revocation set hears of what it committed at once, not when the journal comes round. */
  readonly revoke: (event: RevocationEvent) => void;
  /** Signs the cursors of lists; 32 bytes. */
  readonly cursor_key: Uint8Array;
  readonly issuer: string;
  readonly audience: string;
  readonly access_token_seconds: number;
  readonly refresh_token_days: number;
}
