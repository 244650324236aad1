import { eventually, LOOKS_IN_A_SECOND } from "@stoa/testing";

/**
 * Waits for something that Stoa promises within a second.
 *
 * @param look must send a request, because otherwise it would be called quickly while Stoa is slow
 */
export function withinASecond<T>(look: () => Promise<T>) {
  return eventually(look, { looks: LOOKS_IN_A_SECOND });
}
