import { type Database, select, sql } from "@stoa/db";
import { type JournalRow, journal } from "@stoa/journal";
import { getTableColumns } from "drizzle-orm";

const columns = getTableColumns(journal);

/** Bytes of `data` in a page. Even when JSON escapes double them, they are well under sqld's 10 MB a response. */
const pageBytes = 2_000_000;

/** Rows after a `seq`, in order: at most `limit`, and at most a page's bytes unless the first row alone is larger. */
export function journalPage(db: Database, after: number, limit: number): Promise<JournalRow[]> {
  return db.query(
    select(
      columns,
      sql`from ${journal} where seq > ${after} and seq <= (
        select max(seq) from (
          select seq, sum(octet_length(data)) over (order by seq) as bytes
          from (select seq, data from journal where seq > ${after} order by seq limit ${limit}))
        where bytes <= ${pageBytes} or seq = ${after + 1}) order by seq`,
    ),
  );
}
