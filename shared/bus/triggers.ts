import type { SchemaSql } from "@stoa/db/migrations";
import { fingerprintSql } from "./table.ts";

const moved = (stored: string) => `  select raise(abort, 'journal_changed') where ${stored} <> new.journal_id;
  select raise(abort, 'cursor_moved') where`;

const parked = `  select raise(abort, 'dead_letters_changed') where new.parked is not ${fingerprintSql("new.source")};
end`;

/**
 * What makes a cursor move once and to the next event only, whichever process tries; part of the migrations of every
 * service that applies events. A refusal's `DatabaseError.constraint` is
 *
 * - `cursor_moved`: another instance applied these events already, or the projection was emptied;
 * - `journal_changed`: these events come from another journal than those before;
 * - `dead_letters_changed`: an event was parked or replayed meanwhile.
 *
 * BEFORE INSERT sees upserts and OR REPLACE too. Emptying a projection deletes the row and inserts it at 0.
 */
export const cursorTriggers: SchemaSql = {
  up: [
    `create trigger cursors_insert before insert on cursors begin
${moved("(select journal_id from cursors where source = new.source)")} new.prev <> coalesce((select seq from cursors where source = new.source), 0);
${parked}`,
    `create trigger cursors_update before update on cursors begin
${moved("old.journal_id")} new.prev <> old.seq or new.source <> old.source;
${parked}`,
  ],
  down: ["drop trigger cursors_update", "drop trigger cursors_insert"],
};
