import { computed, type Database, select, sql } from "@stoa/db";
import { getTableColumns } from "drizzle-orm";
import { type JournalRow, journal, journalIdentity } from "./table.ts";

const columns = getTableColumns(journal);

/** Bytes of `data` in a page. Even when JSON escapes double them, they are well under sqld's 10 MB a response. */
const pageBytes = 2_000_000;

/** Rows of a journal, and what the journal was in the same snapshot. */
export interface JournalPage {
  /** In order: at most the limit, and at most a page's bytes unless the first row alone is larger. */
  readonly rows: readonly JournalRow[];
  readonly journal_id: string;
  /** The last `seq` of the journal; 0 when it is empty. */
  readonly end: number;
  /** The id of the event after which the page begins; null when the journal has none there. */
  readonly event_id: string | null;
}

/** Reads the rows after a `seq`, and the event that the journal has at that `seq`. */
export async function journalPage(db: Database, after: number, limit: number): Promise<JournalPage> {
  const [rows, [place]] = await db.queryAll([
    select(
      columns,
      sql`from ${journal} where seq > ${after} and seq <= (
        select max(seq) from (
          select seq, sum(octet_length(data)) over (order by seq) as bytes
          from (select seq, data from journal where seq > ${after} order by seq limit ${limit}))
        where bytes <= ${pageBytes} or seq = ${after + 1}) order by seq`,
    ),
    select(
      {
        journal_id: journalIdentity.journal_id,
        end: computed<number>(sql`(select coalesce(max(seq), 0) from journal)`),
        event_id: computed<string | null>(sql`(select event_id from journal where seq = ${after})`),
      },
      sql`from ${journalIdentity}`,
    ),
  ]);
  if (!place) throw new Error("The database has no journal; its migrations have not run.");
  return { rows, ...place };
}
