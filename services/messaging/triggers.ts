import type { SchemaSql } from "@stoa/db/migrations";
import { messageSearch } from "./messages/searched.ts";

/** Everything of the service's schema that drizzle has no words for. */
export const triggers: SchemaSql = { up: [...messageSearch.up], down: [...messageSearch.down] };
