import type { ProjectorStatus } from "./projector.ts";
import type { Transport } from "./types.ts";

/** How a service's events stand, for its health routes. */
export interface EventsHealth {
  readonly transport: Transport["kind"];
  readonly connected: boolean;
  /** Events the relay has still to publish or a projector to apply, whichever are more. */
  readonly lag: number;
  /** Why something stands still that only an operator can mend. */
  readonly stopped?: string;
}

/** How a relay stands. */
export interface RelayStatus {
  /** Rows not yet in the stream. */
  readonly lag: number;
  readonly stopped?: string;
}

/** Sums up relay and projectors. */
export function healthOf(
  transport: Transport,
  projectors: readonly ProjectorStatus[],
  relay?: RelayStatus,
): EventsHealth {
  const parts = [...(relay ? [relay] : []), ...projectors];
  const stopped = parts.flatMap((part) => part.stopped ?? []);
  return {
    transport: transport.kind,
    connected: transport.connected(),
    lag: Math.max(0, ...parts.map((part) => part.lag)),
    ...(stopped.length === 0 ? {} : { stopped: stopped.join(" ") }),
  };
}
