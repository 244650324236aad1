import { eventually, LOOKS_IN_A_SECOND } from "@stoa/testing";

/**
 * Waits for what Stoa promises to be so within a second.
 *
 * @param look sends a request, or the looks would be quick where Stoa is slow
 */
export function withinASecond<T>(look: () => Promise<T>) {
  return eventually(look, { looks: LOOKS_IN_A_SECOND });
}
