import type { RevocationEvent } from "@stoa/auth";
import type { SecretBox } from "@stoa/auth/secret-box";
import type { HttpDeps, ListDeps } from "@stoa/http";
import type { Backups } from "./backups/backups.ts";
import type { CorporateDirectory } from "./external/corporate-directory.ts";
import type { CorporateRules } from "./external/rules.ts";
import type { KeyRing } from "./keys/ring.ts";
import type { Passwords } from "./passwords/passwords.ts";
import type { RefreshTokens } from "./sessions/refresh-token.ts";

export type { ListDeps } from "@stoa/http";
export type { StoreDeps } from "@stoa/journal";

/** What changes of users need, by a route or from the command line. */
export type UserDeps = Pick<Deps, "db" | "now" | "passwords" | "public_url" | "revoke">;

/** What the service is made of. */
export interface Deps extends ListDeps {
  readonly http: HttpDeps;
  /** Null where passwords cannot be hashed (Workers): those routes answer 501. */
  readonly passwords: Passwords | null;
  /** Null where no corporate directory is configured: its logins answer 503. */
  readonly directory: CorporateDirectory | null;
  /** What the operator decided about people of that directory. */
  readonly corporate: CorporateRules;
  /** Null where the databases are not files of this process: the routes of backups answer 501. */
  readonly backups: Backups | null;
  readonly keys: KeyRing;
  /** Who may register by themselves: `REGISTRATION`. */
  readonly registration: "open" | "invited" | "closed";
  /** `PUBLIC_URL`, without a slash at the end: the links in mails begin with it. */
  readonly public_url: string;
  readonly refreshTokens: RefreshTokens;
  /** Tells this process's own revocation set what was committed, before the relay reads it from the journal. */
  readonly revoke: (event: RevocationEvent) => void;
  /** Hashes the names and addresses that failed logins are counted by; 32 bytes. */
  readonly throttle_key: Uint8Array;
  /** Seals the secrets of second factors. */
  readonly secretBox: SecretBox;
  readonly issuer: string;
  readonly audience: string;
  readonly access_token_seconds: number;
  readonly refresh_token_days: number;
  /** Whether `PATCH /auth/refresh` of older clients leaves the refresh token as it is. */
  readonly legacy_refresh: boolean;
}
