import type { SchemaSql } from "../migrations/index.ts";
import { indexedSql } from "./text.ts";

/**
 * A table that is searched. It has a column `row`, an integer in the order of creation, and a text column `folded` that
 * {@link foldedText} fills: null says that the row is not in the index yet ({@link indexMissing} adds it). An index
 * `<table>_unindexed` on `row` finds such rows.
 */
export interface Searched {
  readonly table: string;
  /** The columns that are searched. */
  readonly columns: readonly string[];
}

/** The index of the beginnings of words of one and two characters, and of single Han, Kana and Hangul characters. */
export const wordsOf = ({ table }: Searched) => `${table}_words`;

/** The index of everything that has three characters and more. */
export const substringsOf = ({ table }: Searched) => `${table}_substrings`;

/** The index of the rows that the others do not have. */
export const unindexedOf = ({ table }: Searched) => `${table}_unindexed`;

/**
 * The two indexes of a table and the triggers that keep them. They hold no text of their own: it is a view of the table,
 * which is also what takes a row's old text out again, so that `secure-delete` leaves nothing of it in the file.
 *
 * Folding is done in TypeScript alone: `case_sensitive 1` and `remove_diacritics 0` keep SQLite from doing it otherwise.
 * Words need neither positions (`detail=none`) nor lengths (`columnsize=0`): nothing is ranked, and no phrase of words is
 * asked for.
 */
export function searchSchema(searched: Searched): SchemaSql {
  const { table, columns } = searched;
  const indexes = [wordsOf(searched), substringsOf(searched)];
  const view = `${table}_search`;
  const text = (prefix: string) => indexedSql(columns, prefix);
  const put = indexes
    .map((index) => `insert into ${index} (rowid, text) select new.row, ${text("new.")} where new.folded is not null;`)
    .join("\n  ");
  const take = indexes
    .map(
      (index) => `insert into ${index} (${index}, rowid, text)
    select 'delete', old.row, ${text("old.")} where old.folded is not null;`,
    )
    .join("\n  ");
  const changed = [...columns, "folded"].map((column) => `old.${column} is not new.${column}`).join(" or ");
  const common = `text, content='${view}', content_rowid='row', columnsize=0`;
  const [words, substrings] = indexes;
  return {
    up: [
      `create view ${view} (row, text) as select row, ${text("")} from ${table} where folded is not null`,
      `create virtual table ${words} using fts5(${common}, detail=none, prefix='1 2', tokenize='unicode61 remove_diacritics 0')`,
      `create virtual table ${substrings} using fts5(${common}, tokenize='trigram case_sensitive 1')`,
      ...indexes.map((index) => `insert into ${index} (${index}, rank) values ('secure-delete', 1)`),
      `create trigger ${table}_search_insert after insert on ${table} begin\n  ${put}\nend`,
      `create trigger ${table}_search_delete after delete on ${table} begin\n  ${take}\nend`,
      `create trigger ${table}_search_update after update of ${[...columns, "folded"].join(", ")} on ${table}
when ${changed} begin\n  ${take}\n  ${put}\nend`,
    ],
    down: [
      ...["update", "delete", "insert"].map((event) => `drop trigger ${table}_search_${event}`),
      ...indexes.toReversed().map((index) => `drop table ${index}`),
      `drop view ${view}`,
    ],
  };
}
