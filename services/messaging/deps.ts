import type { ReadYourWrites } from "@stoa/bus/read-your-writes";
import type { Database } from "@stoa/db";
import type { HttpDeps } from "@stoa/http";
import type { Streams } from "./stream/streams.ts";

/** What the use cases of messaging need. */
export interface UseCaseDeps {
  readonly db: Database;
  readonly now: () => Date;
  /** Looks again for what another service may have said a moment ago. */
  readonly readYourWrites: Pick<ReadYourWrites, "lookup">;
}

/** What lists need. */
export interface ListDeps {
  readonly db: Database;
  /** Seals the cursors; 32 bytes, `deriveKey(secret, "cursor")`. */
  readonly cursor_key: Uint8Array;
}

/** What messaging is made of. */
export interface MessagingDeps extends UseCaseDeps, ListDeps {
  readonly http: HttpDeps;
  /** Live streams and their tickets; undefined where there are none (Workers): those routes answer 501. */
  readonly streams: Streams | undefined;
}
