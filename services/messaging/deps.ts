import type { ReadYourWrites } from "@stoa/bus/read-your-writes";
import type { Database } from "@stoa/db";
import type { HttpDeps } from "@stoa/http";
import type { Streams } from "./stream/streams.ts";

/** What every use case needs. */
export interface StoreDeps {
  readonly db: Database;
  readonly now: () => Date;
}

/** What lists need besides. */
export interface ListDeps extends StoreDeps {
  /** Seals the cursors; 32 bytes, `deriveKey(secret, "cursor")`. */
  readonly cursor_key: Uint8Array;
}

/** What use cases need besides that read what another service may have written a moment ago: users and projects. */
export interface PeopleDeps extends StoreDeps {
  readonly readYourWrites: Pick<ReadYourWrites, "lookup">;
}

/** What the service is made of. */
export interface MessagingDeps extends ListDeps, PeopleDeps {
  readonly http: HttpDeps;
  /** Live streams and their tickets; undefined where there are none (Workers): those routes answer 501. */
  readonly streams: Streams | undefined;
}
