import type { SchemaSql } from "@stoa/db/migrations";
import { fingerprintSql } from "./table.ts";

const refuse = (reason: string, when: string) => `  select raise(abort, '${reason}') where ${when};`;

const parked = refuse("dead_letters_changed", `new.parked is not ${fingerprintSql("new.source")}`);

const stored = (column: string) => `(select ${column} from cursors where source = new.source)`;

/**
 * Triggers that let a cursor move only once and only to the next event, whichever process tries. They are part of the
 * migrations of every service that applies events. When they refuse, `DatabaseError.constraint` is
 *
 * - `cursor_moved`: another instance applied these events already, or the projection was emptied;
 * - `journal_changed`: these events come from another journal than those before;
 * - `dead_letters_changed`: an event was parked or replayed meanwhile.
 *
 * BEFORE INSERT also fires for upserts and OR REPLACE. A cursor that a rebuild has set to 0 accepts events of any
 * journal.
 */
export const cursorTriggers: SchemaSql = {
  up: [
    [
      "create trigger cursors_insert before insert on cursors begin",
      refuse("journal_changed", `${stored("seq")} <> 0 and ${stored("journal_id")} <> new.journal_id`),
      refuse("cursor_moved", `new.prev <> coalesce(${stored("seq")}, 0)`),
      parked,
      "end",
    ].join("\n"),
    [
      "create trigger cursors_update before update on cursors begin",
      refuse("journal_changed", "old.seq <> 0 and old.journal_id <> new.journal_id"),
      refuse("cursor_moved", "new.prev <> old.seq or new.source <> old.source"),
      parked,
      "end",
    ].join("\n"),
  ],
  down: ["drop trigger cursors_update", "drop trigger cursors_insert"],
};
