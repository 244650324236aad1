import type { DelivererDeps } from "../attempt.ts";
import { Deliverer } from "../deliverer.ts";
import { fanOut } from "../fan-out.ts";

/** Looks for events, and tries what is due to the end. */
export async function work(deps: DelivererDeps, failures: unknown[] = []): Promise<void> {
  while (await fanOut(deps));
  const deliverer = new Deliverer(deps, {
    signal: new AbortController().signal,
    ended: () => undefined,
    failed: (error) => failures.push(error),
  });
  await deliverer.turn();
  await deliverer.idle();
}
