import { on } from "@stoa/bus/types";
import { sql } from "@stoa/db";

/** What happened to the personal tasks of an erased user goes: their titles are the user's words. */
export const forgetPersonalWork = on("reaction", "user.erased", ({ data }) => [
  sql`delete from work_events where aggregate_id = ${data.user_id}`,
]);
