import type { Database } from "../database.ts";
import { all, join, raw, type Sql, sql } from "../sql.ts";
import { type Searched, substringsOf, wordsOf } from "./schema.ts";
import { type Terms, termsOf, wordsIn } from "./terms.ts";
import { indexedSql } from "./text.ts";
import { readUnindexed } from "./unindexed.ts";

/** Rows by their row id: those after `above`, up to and with `upTo`. */
export interface Rows {
  readonly above: Sql | number;
  readonly upTo: Sql | number;
}

/**
 * Rows that a word finds besides those whose text has it, such as the task of a key: selects them, as `rowid`, among the
 * given rows. Undefined: the word finds nothing else.
 *
 * @param word folded
 */
export type OtherRows = (word: string) => ((rows?: Rows) => Sql) | undefined;

/** A search that was understood. */
export interface Search {
  /**
   * `from … where …`: what stands between the columns and the list's other conditions. It finds what the index has; the
   * others are {@link unindexed}. @param rows among these alone
   */
  from(rows?: Rows): Sql;
  /** The row id, by which it is ordered: that of the index that is walked, which has this order. */
  readonly row: Sql;
  /** The row ids that have the words and were not in the index before the search began; they may be in it by now. */
  readonly unindexed: readonly number[];
  /** `from … where …` of some unindexed rows alone. */
  fromUnindexed(rows: readonly number[]): Sql;
  /** `from … where …` of all rows, in no order. */
  fromAll(): Sql;
  /** The row id of the table's newest row, 0 without one: an expression. */
  readonly newest: Sql;
  /** About how many entries of an index are compared for a row. */
  readonly weight: number;
}

/**
 * Understands what someone looks for: words parted by spaces, all of which must be there. Rows that the index does not have
 * yet are looked at first, so that all that was written before is found.
 *
 * @param alias the name of the table in the statement
 */
export async function searchFor(
  db: Database,
  searched: Searched,
  alias: string,
  text: string,
  otherRows: OtherRows = () => undefined,
): Promise<Search> {
  const fresh = await readUnindexed(db, searched);
  const [plain, known]: [string[], [string, (rows?: Rows) => Sql][]] = [[], []];
  for (const word of wordsIn(text)) {
    const others = otherRows(word);
    if (others) known.push([word, others]);
    else plain.push(word);
  }
  const terms = termsOf(plain);
  const either = known.map(([word, others]) => ({ terms: termsOf([word]), others, fresh: fresh.having([word]) }));
  const row = raw(`${alias}.row`);
  const table = raw(`${searched.table} ${alias}`);
  const looked = terms.elsewhere.map(
    (word) => sql`instr(${raw(indexedSql(searched.columns, `${alias}.`))}, ${word}) > 0`,
  );
  const lookups = indexed(searched, terms);
  const inSets = (rows?: Rows) =>
    either.map(
      (one) => sql`${row} in (${union([...hits(searched, one.terms, rows), one.others(rows), list(one.fresh)])})`,
    );
  const from = (rows?: Rows) => {
    const [first, ...others] = lookups;
    if (!first) return sql`from ${table} where ${all([within(row, rows), ...inSets(rows), ...looked])}`;
    // The plus keeps the first index from being asked anew for each row of the second.
    const second = others.map((one) => sql`+f.rowid in (${hitsOf(one, rows)})`);
    const conditions = [matching("f.", first), within(raw("f.rowid"), rows), ...second, ...inSets(rows), ...looked];
    // The index gives rows in order, and no more than are read. `cross join` keeps it in front.
    return sql`from ${raw(first.index)} f cross join ${table} on ${row} = f.rowid where ${all(conditions)}`;
  };
  const unindexed = fresh.having(plain);
  const order = lookups.length === 0 ? row : raw("f.rowid");
  return {
    from,
    row: order,
    unindexed,
    fromUnindexed: (rows) => sql`from ${table} where ${all([sql`${row} in (${list(rows)})`, ...inSets(around(rows))])}`,
    fromAll: () =>
      unindexed.length === 0
        ? from()
        : sql`from ${table} where ${all([sql`${row} in (select ${order} ${from()} union ${list(unindexed)})`, ...inSets()])}`,
    newest: raw(`(select coalesce(max(row), 0) from ${searched.table})`),
    weight: either.reduce((sum, one) => sum + one.terms.weight, terms.weight),
  };
}

/** Selects row ids. */
const list = (rows: readonly number[]) => sql`select value from json_each(${JSON.stringify(rows)})`;

/** What some rows, newest first, are among. */
const around = (rows: readonly number[]): Rows => ({ above: (rows.at(-1) ?? 1) - 1, upTo: rows[0] ?? 0 });

/** What is looked up in one of the indexes. */
interface Lookup {
  readonly index: string;
  readonly expression: string;
}

function indexed(searched: Searched, { substrings, words }: Terms): Lookup[] {
  return [
    ...(substrings === undefined ? [] : [{ index: substringsOf(searched), expression: substrings }]),
    ...(words === undefined ? [] : [{ index: wordsOf(searched), expression: words }]),
  ];
}

const hits = (searched: Searched, terms: Terms, rows?: Rows) =>
  indexed(searched, terms).map((lookup) => hitsOf(lookup, rows));

function hitsOf(lookup: Lookup, rows: Rows | undefined): Sql {
  return sql`select rowid from ${raw(lookup.index)} where ${matching("", lookup)} and ${within(raw("rowid"), rows)}`;
}

const matching = (prefix: string, { index, expression }: Lookup) => sql`${raw(prefix + index)} match ${expression}`;

const union = (selects: readonly Sql[]) => join(selects, " union ");

/** The condition that a row is one of these. */
function within(row: Sql, rows: Rows | undefined): Sql {
  return rows ? sql`${row} > ${rows.above} and ${row} <= ${rows.upTo}` : raw("1");
}
