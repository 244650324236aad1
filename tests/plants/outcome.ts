import { plant } from "./plant.ts";

/** A command whose outcome is unknown is taken for done, and not sent again. */
plant(
  "shared/journal/commit.ts",
  "return resend<R>(db, event, batch, answer);",
  "return { applied: true, rows: answer ? ((await db.query(answer)) as R[]) : [] };",
);
