import type { ProjectorStatus } from "./projector.ts";
import type { Transport } from "./types.ts";

/** The state of a service's events, for its health routes. */
export interface EventsHealth {
  readonly transport: Transport["kind"];
  readonly connected: boolean;
  /** How many events the relay still has to publish or a projector to apply, whichever is more. */
  readonly lag: number;
  /** Why relay or projectors have stopped, when only an operator can fix it. */
  readonly stopped?: string;
}

/** The state of a relay. */
export interface RelayStatus {
  /** How many rows are not yet in the stream. */
  readonly lag: number;
  readonly stopped?: string;
}

/** Sums up the state of relay and projectors. */
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
