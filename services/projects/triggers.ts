import type { SchemaSql } from "@stoa/db/migrations";
import { searchSchema } from "@stoa/db/search/index";
import { blockingTriggers } from "./links/triggers.ts";
import { syncTriggers } from "./sync/triggers.ts";
import { searchedTasks } from "./tasks/searched.ts";

const search = searchSchema(searchedTasks);

/** Everything of the service's schema that drizzle has no words for. */
export const triggers: SchemaSql = {
  up: [...search.up, ...syncTriggers.up, ...blockingTriggers.up],
  down: [...blockingTriggers.down, ...syncTriggers.down, ...search.down],
};
