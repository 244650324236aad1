import { DamagedEvent, type Standstill } from "@stoa/journal";
import type { PartReason } from "./health.ts";
import { damageLine } from "./stop-line.ts";
import type { Log } from "./types.ts";

/**
 * Which readers of a service's own journal, such as its webhooks, stand still at an event that cannot be read. Projectors and
 * the relay say so by themselves.
 */
export class Standstills {
  readonly #reasons = new Map<string, string>();

  constructor(private readonly log: Log) {}

  /**
   * The place of one reader. It is written to the log once that it stands still, and that it goes on.
   *
   * @param part its name in health, such as `webhooks`
   * @param consumer what it is called in a sentence, such as `the webhooks of projects`
   */
  of(part: string, consumer: string): Standstill {
    return {
      at: (damaged) => {
        const reason = damageLine(consumer, damaged);
        if (this.#reasons.get(part) !== reason) this.log.error({ part }, reason);
        this.#reasons.set(part, reason);
      },
      over: () => {
        if (this.#reasons.delete(part)) this.log.info({ part }, "Events are read again.");
      },
    };
  }

  /** Why which parts stand still. */
  reasons(): PartReason[] {
    return [...this.#reasons].map(([part, reason]) => ({ part, reason }));
  }
}

/**
 * Runs one turn of a reader, and notes whether an event stopped it. Any other error is thrown on.
 *
 * @returns what the turn returned; undefined when it stands still
 */
export async function turnOf<T>(standstill: Standstill | undefined, turn: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await turn();
    standstill?.over();
    return result;
  } catch (error) {
    if (!(error instanceof DamagedEvent) || !standstill) throw error;
    standstill.at(error);
    return undefined;
  }
}
