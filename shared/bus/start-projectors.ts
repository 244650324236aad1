import type { Database } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { type Projector, type ProjectorStatus, startProjector } from "./projector.ts";
import { type Handler, type Log, sourceOf, type Transport } from "./types.ts";

/** All projectors of a service. */
export interface Projectors {
  status(): ProjectorStatus[];
  /** Calls back after events of any source were applied. Returns the function that unsubscribes. */
  onApplied(listener: () => void): () => void;
  stop(): Promise<void>;
}

/** What a service's projectors need. */
export interface ProjectorsOptions {
  readonly service: ServiceName;
  readonly db: Database;
  readonly transport: Transport;
  /** `services/<name>/handlers.ts`. */
  readonly handlers: readonly Handler[];
  readonly log: Log;
}

/** Starts one projector for each service whose events the handlers handle. */
export function startProjectors({ service, db, transport, handlers, log }: ProjectorsOptions): Projectors {
  const bySource = Map.groupBy(handlers, (handler) => sourceOf(handler.event));
  const projectors: Projector[] = [...bySource].map(([source, its]) =>
    startProjector({ service, db, source: transport.source(source), handlers: its, log }),
  );
  return {
    status: () => projectors.map((projector) => projector.status()),
    onApplied: (listener) => {
      const stops = projectors.map((projector) => projector.onApplied(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    stop: async () => {
      await Promise.all(projectors.map((projector) => projector.stop()));
    },
  };
}
