import { guardTable } from "@stoa/journal";

/** Rules that abort a command with an error of their own. */
export const guard = guardTable(["known_event", "last_owner"]);
