import type { ReadYourWrites } from "@stoa/bus/read-your-writes";
import type { Database } from "@stoa/db";
import type { HttpDeps } from "@stoa/http";

/** What every use case needs. */
export interface StoreDeps {
  readonly db: Database;
  readonly now: () => Date;
}

/** What lists need besides. */
export interface ListDeps extends StoreDeps {
  /** Seals the cursors; 32 bytes, `deriveKey(secret, …)`. */
  readonly cursor_key: Uint8Array;
}

/** What commands that look people up need besides: someone may have registered a moment ago. */
export interface PeopleDeps extends StoreDeps {
  readonly readYourWrites: Pick<ReadYourWrites, "lookup" | "waitFor">;
}

/** What the service is made of. */
export interface ProjectsDeps extends ListDeps, PeopleDeps {
  readonly http: HttpDeps;
}
