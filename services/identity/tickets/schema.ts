import { Text } from "@stoa/http";

/** A mailed token, as it is presented. One that is none is as unknown as one that was used: `invalid_ticket`. */
export const Token = Text({ max: 255, verbatim: true });
