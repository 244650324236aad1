import type { RevocationEvent } from "@stoa/auth";
import type { Database } from "@stoa/db";
import type { HttpDeps } from "@stoa/http";
import type { CorporateDirectory } from "./external/corporate-directory.ts";
import type { KeyRing } from "./keys/ring.ts";
import type { SecretBox } from "./mfa/secret-box.ts";
import type { Passwords } from "./passwords/passwords.ts";
import type { RefreshTokens } from "./sessions/refresh-token.ts";

/** What identity needs of the world. */
export interface Deps {
  readonly http: HttpDeps;
  readonly db: Database;
  readonly now: () => Date;
  /** Null where passwords cannot be hashed (Workers): those routes answer 501. */
  readonly passwords: Passwords | null;
  /** Null where no corporate directory is configured: its logins answer 503. */
  readonly directory: CorporateDirectory | null;
  readonly keys: KeyRing;
  /** `PUBLIC_URL`: begins the links in mails, without a slash at the end. */
  readonly public_url: string;
  readonly refreshTokens: RefreshTokens;
  /** This process's own revocation set hears of what it committed at once, not when the journal comes round. */
  readonly revoke: (event: RevocationEvent) => void;
  /** Signs the cursors of lists; 32 bytes. */
  readonly cursor_key: Uint8Array;
  /** Hashes the names and addresses that failed logins are counted by; 32 bytes. */
  readonly throttle_key: Uint8Array;
  /** Seals the secrets of second factors. */
  readonly secretBox: SecretBox;
  readonly issuer: string;
  readonly audience: string;
  readonly access_token_seconds: number;
  readonly refresh_token_days: number;
}
