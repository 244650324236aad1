import type { SchemaSql } from "@stoa/db/migrations";
import { foldedText, type Searched, searchSchema } from "@stoa/db/search/index";

/** What of messages is searched: the text. */
export const searchedMessages: Searched = { table: "messages", columns: ["content"] };

/** The column `folded` of a message with this text: every statement that writes the text writes it too. */
export function foldedMessage(content: string | null): string {
  return foldedText([content]);
}

const index = searchSchema(searchedMessages);

/**
 * The index of messages. Whoever adds a message gives it the next `row`; one of an older version gets it by a trigger, and
 * its place in the index from the running service.
 */
export const messageSearch: SchemaSql = {
  up: [
    "update messages set row = rowid where row is null",
    `create trigger messages_row after insert on messages when new.row is null begin
  update messages set row = (select coalesce(max(row), 0) + 1 from messages) where id = new.id;
end`,
    ...index.up,
  ],
  down: [...index.down, "drop trigger messages_row"],
};
