import { Text } from "@stoa/http";

/**
 * A mailed token, in a body. Any text is accepted here: one that is no token is `invalid_ticket`, like one that was
 * used.
 */
export const Token = Text({ max: 255, verbatim: true, description: "From the mail." });
