import { type ServiceName, services } from "@stoa/events";
import type { Facts } from "./copy.ts";

/** A cursor that stands at an event which the copy of its source does not have. */
export interface Ahead {
  readonly consumer: ServiceName;
  readonly source: ServiceName;
  readonly reason: string;
}

/** The cursors that are ahead of their copied sources. Restored like this, such a consumer would stop. */
export function aheadIn(copies: Readonly<Record<ServiceName, Facts>>): Ahead[] {
  return services.flatMap((consumer) =>
    copies[consumer].cursors.flatMap(({ source: name, journal_id, seq }) => {
      const source = services.find((service) => service === name);
      if (!source) return [];
      const { journal } = copies[source];
      if (journal.journal_id !== journal_id) {
        return [{ consumer, source, reason: `${consumer} has followed another journal of ${source}` }];
      }
      if (seq <= journal.seq) return [];
      const reason = `${consumer} is at event ${seq} of ${source}, whose journal ends at ${journal.seq}`;
      return [{ consumer, source, reason }];
    }),
  );
}
