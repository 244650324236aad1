import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { LinkType } from "@stoa/events";
import type { Part } from "@stoa/journal";

/**
 * The part of a command that lets one task block another: the other one does not block it, directly or by way of others.
 * Tasks in the trash count, for they may come back. It is judged in the batch that writes the link, so of two halves of a
 * ring that arrive at once the later one is refused.
 */
export function noCycle(type: LinkType, task_id: string, linked_task_id: string): Part {
  if (type !== "blocks") return {};
  return {
    guard: sql`not exists (
      with recursive behind (id) as (
        select ${linked_task_id}
        union select l.linked_task_id from links l join behind on l.task_id = behind.id where l.type = 'blocks')
      select 1 from behind where id = ${task_id})`,
    why: () => new StoaError("link_cycle"),
  };
}
