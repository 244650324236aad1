import type { Database } from "@stoa/db";

/** What the use cases need. */
export interface StoreDeps {
  readonly db: Database;
  readonly now: () => Date;
}

/** What lists need besides: the key of their cursors, 32 bytes. */
export interface ListDeps extends StoreDeps {
  readonly cursor_key: Uint8Array;
}
