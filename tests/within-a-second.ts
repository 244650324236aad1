import { eventually } from "@stoa/testing";

/**
 * Waits for something that Stoa does within a second: a token that is revoked, an event that reaches another service. The
 * second itself is no bound here. It takes the service that answers, the relay, NATS and the reader to do it, so on a busy
 * machine many looks at the first of them fit into what the others are waiting for.
 */
export function withinASecond<T>(look: () => Promise<T>) {
  return eventually(look);
}
