import type { ReadYourWrites } from "@stoa/bus/read-your-writes";
import type { Database } from "@stoa/db";

/** What the use cases of messaging need. */
export interface UseCaseDeps {
  readonly db: Database;
  readonly now: () => Date;
  /** Looks again for what another service may have said a moment ago. */
  readonly readYourWrites: ReadYourWrites;
}
