import type { DamagedEvent } from "./damaged.ts";

/** Where a reader of a service's own journal says that it stands still, and that it goes on again. */
export interface Standstill {
  /** Notes that the reader stopped at this event. */
  at(damaged: DamagedEvent): void;
  /** Notes that nothing stops the reader. */
  over(): void;
}
