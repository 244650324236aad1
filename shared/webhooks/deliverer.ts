import { select, sql } from "@stoa/db";
import { attempt, type Claimed, type DelivererDeps } from "./attempt.ts";
import { webhookDeliveries } from "./table.ts";

/** Attempts of a process at a time, and those to one webhook, so that slow receivers leave room for others. */
const AT_ONCE = 32;
const TO_ONE_AT_ONCE = 4;

/** Longer than an attempt takes: one that was not written by then was cut off, and is made again. */
export const LEASE_MS = 60_000;

/** What a deliverer is told besides what it works with. */
export interface DelivererOptions {
  readonly signal: AbortSignal;
  /** Called when an attempt has ended, well or badly: there may be room for another. */
  readonly ended: () => void;
  /** Called with what kept an attempt from being made or written; the delivery is tried again when its lease ends. */
  readonly failed: (error: unknown) => void;
}

/**
 * Tries deliveries that are due. A delivery is claimed by a guarded write before it is tried, so that of several processes
 * one tries it. It is delivered at least once: a process may die between the attempt and the writing down of it.
 */
export class Deliverer {
  readonly #deps: DelivererDeps;
  readonly #options: DelivererOptions;
  readonly #running = new Map<Promise<void>, string>();

  constructor(deps: DelivererDeps, options: DelivererOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Begins as many attempts as there is room for, and resolves when they have begun. */
  async turn(): Promise<void> {
    while (this.#running.size < AT_ONCE && !this.#options.signal.aborted) {
      const due = await this.#due();
      if (due.length === 0) return;
      for (const each of due) {
        if (this.#running.size >= AT_ONCE) return;
        if (this.#countOf(each.webhook_id) >= TO_ONE_AT_ONCE) continue;
        const claimed = await this.#claim(each);
        if (claimed) this.#begin(claimed);
      }
    }
  }

  /** Resolves when no attempt is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.keys());
  }

  /** The next that are due, of webhooks that have room. */
  #due() {
    const { id, webhook_id, event_id, attempts, next_at } = webhookDeliveries;
    const counted = Map.groupBy(this.#running.values(), (hook) => hook);
    const full = [...counted].filter(([, all]) => all.length >= TO_ONE_AT_ONCE).map(([hook]) => hook);
    return this.#deps.db.query(
      select(
        { id, webhook_id, event_id, attempts, next_at },
        sql`from ${webhookDeliveries} where ${next_at} <= ${this.#deps.now().toISOString()}
          and ${webhook_id} not in (select value from json_each(${JSON.stringify(full)}))
          order by ${next_at} limit ${AT_ONCE}`,
      ),
    );
  }

  async #claim({
    next_at,
    ...delivery
  }: Omit<Claimed, "lease"> & { readonly next_at: string | null }): Promise<Claimed | undefined> {
    const lease = new Date(this.#deps.now().getTime() + LEASE_MS).toISOString();
    const [claimed] = await this.#deps.db.write([
      sql`update webhook_deliveries set next_at = ${lease} where id = ${delivery.id} and next_at = ${next_at}`,
    ]);
    return claimed.changes === 1 ? { ...delivery, lease } : undefined;
  }

  #begin(claimed: Claimed): void {
    const { signal, ended, failed } = this.#options;
    const run = attempt(this.#deps, claimed, signal)
      .catch(failed)
      .finally(() => {
        this.#running.delete(run);
        ended();
      });
    this.#running.set(run, claimed.webhook_id);
  }

  #countOf(webhook_id: string): number {
    return [...this.#running.values()].filter((each) => each === webhook_id).length;
  }
}
