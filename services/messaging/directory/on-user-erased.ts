import { on } from "@stoa/bus/types";
import { forgetAddresses } from "@stoa/journal";

/** The journal keeps what an erased user did; the addresses and devices that they did it from are forgotten. */
export const forgetWhere = on("reaction", "user.erased", ({ data }) => [forgetAddresses(data.user_id)]);
