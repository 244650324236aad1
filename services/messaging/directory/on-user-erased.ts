import { on } from "@stoa/bus/types";
import { forgetAddresses } from "@stoa/journal";

/** Of an erased user the journal keeps what they did, not where they did it from. */
export const forgetWhere = on("reaction", "user.erased", ({ data }) => [forgetAddresses(data.user_id)]);
