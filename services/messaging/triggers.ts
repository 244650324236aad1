import type { SchemaSql } from "@stoa/db/migrations";
import { digestTriggers } from "./digests/triggers.ts";
import { messageSearch } from "./messages/searched.ts";

/** Everything of the service's schema that drizzle has no words for. */
export const triggers: SchemaSql = {
  up: [...messageSearch.up, ...digestTriggers.up],
  down: [...digestTriggers.down, ...messageSearch.down],
};
