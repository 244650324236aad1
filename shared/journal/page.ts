import { composeOnce, computed, type Database, type Sql, select, sql } from "@stoa/db";
import { type EventRow, envelopeColumns } from "./read.ts";
import { journal, journalIdentity } from "./table.ts";

/** Bytes of `data` in a page. Even when JSON escapes double them, they are well under sqld's 10 MB a response. */
const pageBytes = 2_000_000;

/** Rows of a journal, and what the journal was in the same snapshot. */
export interface JournalPage {
  /** In order: at most the limit, and at most a page's bytes unless the first row alone is larger. */
  readonly rows: readonly EventRow[];
  readonly journal_id: string;
  /** The last `seq` of the journal; 0 when it is empty. */
  readonly end: number;
  /** The id of the event after which the page begins; null when the journal has none there. */
  readonly event_id: string | null;
}

/** Reads the rows after a `seq`, and the event that the journal has at that `seq`. */
export async function journalPage(db: Database, after: number, limit: number): Promise<JournalPage> {
  const [rows, [place]] = await db.queryAll([rowsAfter({ after, limit }), placeAt({ after })]);
  if (!place) throw new Error("The database has no journal; its migrations have not run.");
  return { rows, ...place };
}

/** How many bytes rows have up to each is asked only where all of them have too many: a sum alone costs a third of that. */
const rowsAfter = composeOnce((value: (name: "after" | "limit") => Sql) => {
  const found = sql`from (select seq, octet_length(data) as bytes from journal
    where seq > ${value("after")} order by seq limit ${value("limit")})`;
  return select(
    envelopeColumns,
    sql`from ${journal} where seq > ${value("after")} and seq <= coalesce(
      (select iif(sum(bytes) <= ${pageBytes}, max(seq), null) ${found}),
      (select max(seq) from (select seq, sum(bytes) over (order by seq) as bytes ${found})
        where bytes <= ${pageBytes} or seq = ${value("after")} + 1)) order by seq`,
  );
});

const placeAt = composeOnce((value: (name: "after") => Sql) =>
  select(
    {
      journal_id: journalIdentity.journal_id,
      end: computed<number>(sql`(select coalesce(max(seq), 0) from journal)`),
      event_id: computed<string | null>(sql`(select event_id from journal where seq = ${value("after")})`),
    },
    sql`from ${journalIdentity}`,
  ),
);
