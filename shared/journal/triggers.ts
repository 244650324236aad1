import type { SchemaSql } from "@stoa/db/migrations";

const uuid = `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' ||
  substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`;

const refuse = (name: string, on: string) => `create trigger ${name} ${on} begin select raise(abort, '${name}'); end`;

/**
 * Triggers that keep a journal without gaps and unchanged, whoever writes it. They are part of every service's
 * migrations. When one refuses, `DatabaseError.constraint` is its name, or `known_event` when the journal already has
 * the event id.
 *
 * Only the columns that erasing a user clears may change: address, device and, together with `redacted_at`, the data.
 */
export const journalTriggers: SchemaSql = {
  up: [
    `insert into journal_identity (id, journal_id) values (1, ${uuid})`,
    refuse("journal_refuses_delete", "before delete on journal"),
    refuse(
      "journal_refuses_update",
      `before update of seq, event_id, type, aggregate_id, entity_id, organization_id, actor_id, session_id,
  request_id, traceparent, time on journal`,
    ),
    refuse("journal_refuses_edit", "before update of data on journal when new.redacted_at is null"),
    // OR REPLACE removes the old row without a DELETE trigger, so both of its keys are refused before the insert.
    refuse(
      "journal_refuses_replace",
      "before insert on journal when exists (select 1 from journal where seq = new.seq)",
    ),
    `create trigger journal_known_event before insert on journal
when exists (select 1 from journal where event_id = new.event_id) begin select raise(abort, 'known_event'); end`,
    refuse(
      "journal_refuses_gap",
      `after insert on journal
when new.seq <> 1 and not exists (select 1 from journal where seq = new.seq - 1)`,
    ),
  ],
  down: [
    "drop trigger journal_refuses_gap",
    "drop trigger journal_known_event",
    "drop trigger journal_refuses_replace",
    "drop trigger journal_refuses_edit",
    "drop trigger journal_refuses_update",
    "drop trigger journal_refuses_delete",
    "delete from journal_identity",
  ],
};
