import { on } from "@stoa/bus/types";
import { sql } from "@stoa/db";

/** Whom an erased user has blocked, and who has blocked them, is nobody's to know any more. */
export const forgetBlocks = on("reaction", "user.erased", ({ data }) => [
  sql`delete from blocks where user_id = ${data.user_id}`,
  sql`delete from blocks where blocked_id = ${data.user_id}`,
]);
