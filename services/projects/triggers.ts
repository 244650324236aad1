import type { SchemaSql } from "@stoa/db/migrations";
import { syncTriggers } from "./sync/triggers.ts";

const take =
  "insert into tasks_text (tasks_text, rowid, title, description) values ('delete', old.row, old.title, old.description)";
const put = "insert into tasks_text (rowid, title, description) values (new.row, new.title, new.description)";

/**
 * The full-text index over titles and descriptions. Trigrams find substrings, in Chinese and Japanese too; shorter
 * searches go without the index.
 */
const searchTriggers: SchemaSql = {
  up: [
    `create virtual table tasks_text using fts5(title, description, content='tasks', content_rowid='row', tokenize='trigram')`,
    `create trigger tasks_text_insert after insert on tasks begin ${put}; end`,
    `create trigger tasks_text_delete after delete on tasks begin ${take}; end`,
    `create trigger tasks_text_update after update of title, description on tasks
when old.title is not new.title or old.description is not new.description begin ${take}; ${put}; end`,
  ],
  down: [
    "drop trigger tasks_text_update",
    "drop trigger tasks_text_delete",
    "drop trigger tasks_text_insert",
    "drop table tasks_text",
  ],
};

/** Everything of the service's schema that drizzle has no words for. */
export const triggers: SchemaSql = {
  up: [...searchTriggers.up, ...syncTriggers.up],
  down: [...syncTriggers.down, ...searchTriggers.down],
};
