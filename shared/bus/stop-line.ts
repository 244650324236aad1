import type { ServiceName } from "@stoa/events";
import type { DamagedEvent } from "@stoa/journal";
import type { JournalChanged } from "./types.ts";

/** Says why a service applies no more events of a source whose journal has changed, and what to do about it. */
export function stopLine(service: ServiceName, source: ServiceName, changed: JournalChanged): string {
  const otherwise = changed.recreated ? `, or \`bun run events rebuild ${service}\` with --reacted` : "";
  return `${changed.message} Nothing is applied until you run \`bun run events accept ${source}\`${otherwise}.`;
}

/**
 * Says that a consumer stands still at an event that cannot be read, and what to do about it.
 *
 * @param consumer who stops, such as `messaging` or `the relay of projects`
 */
export function damageLine(consumer: string, damaged: DamagedEvent): string {
  return `${damaged.message} It stops ${consumer} after event ${damaged.seq - 1}. ${damaged.cure}`;
}
