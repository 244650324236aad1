import { createClient } from "@libsql/client";
import { type Database, raw, type Sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";

/** Tables that stay small, or are read whole for a reason. */
const small: Readonly<Record<string, string>> = {
  cursors: "It has a row for each source.",
  journal_identity: "It has one row.",
  report_cursor: "It has one row.",
  roles: "Superusers make them, a handful.",
  signing_keys: "It has the keys of the last weeks, a handful.",
  webhook_cursor: "It has one row.",
  work_events:
    "It has the last 20,000 events; of an erased user's personal tasks there is no index, and few are erased.",
};

/** Records the statements that a database runs on the event loop: all that are not for {@link Database.scan}. */
export function recordLoop(db: Database): Map<string, Sql> {
  const ran = new Map<string, Sql>();
  const { query, queryAll, write } = db;
  const note = (statements: readonly Sql[]) => {
    for (const statement of statements) ran.set(statement.sql, statement);
  };
  const recorded: Pick<Database, "query" | "queryAll" | "write"> = {
    query: (statement: Sql) => {
      note([statement]);
      return query<never>(statement as never);
    },
    queryAll: (statements) => {
      note(statements);
      return queryAll(statements);
    },
    write: (statements, options) => {
      note(statements);
      return write(statements, options);
    },
  };
  Object.assign(db, recorded);
  return ran;
}

/**
 * The statements that read a whole table that grows, by the plans that Bun's SQLite and the older one of sqld make of them. The
 * event loop stands still meanwhile. A list in the order of an index is read no further than to its limit.
 */
export async function wholeTables(db: Database, statements: Iterable<Sql>): Promise<string[]> {
  const tables = await rowsOf<{ name: string }>(
    db,
    raw("select name from sqlite_schema where type = 'table' and sql not like 'create virtual%'"),
  );
  const names = tables.map(({ name }) => name);
  const all = [...statements];
  using older = await olderPlans(db);
  const bun = wholeIn(names, all, ({ sql, args }) => rowsOf(db, { ...raw(`explain query plan ${sql}`), args }));
  const [here, there] = await Promise.all([bun, wholeIn(names, all, older.planOf)]);
  return [...here, ...there.map((fault) => `SQLite 3.45: ${fault}`)];
}

interface Step {
  readonly detail: string;
}

async function wholeIn(
  names: readonly string[],
  statements: readonly Sql[],
  planOf: (statement: Sql) => Promise<readonly Step[]>,
): Promise<string[]> {
  const found: string[] = [];
  for (const statement of statements) {
    const { sql: text } = statement;
    const plan = await planOf(statement);
    const sorted = plan.some(({ detail }) => detail.includes("TEMP B-TREE"));
    if (isNeverRead(text) || (!sorted && /limit \?\)*$/.test(text))) continue;
    for (const { detail } of plan) {
      // Where parts of a list are put together, only the few rows of each are sorted.
      if (/ USING (COVERING )?INDEX /.test(detail) && /^select\b.* limit \?\)*$/s.test(text)) continue;
      const [, alias] = /^SCAN (\w+)/.exec(detail) ?? [];
      const table = alias === undefined ? undefined : tableOf(text, alias, names);
      if (alias !== undefined && table !== undefined && small[table] === undefined && !checksForeignKey(text, alias)) {
        found.push(`${detail}: ${text}`);
      }
    }
  }
  return found;
}

/** Plans of libSQL's own SQLite, which is the one of sqld, for the same tables. */
async function olderPlans(db: Database) {
  const made = await rowsOf<{ name: string; sql: string }>(
    db,
    raw("select name, sql from sqlite_schema where sql is not null and name not like 'sqlite_%' order by rowid"),
  );
  const indexes = made
    .filter(({ sql }) => sql.toLowerCase().startsWith("create virtual table"))
    .map(({ name }) => name);
  const isShadow = (name: string) =>
    indexes.some(
      (index) => name !== index && name.startsWith(`${index}_`) && /_(data|idx|content|docsize|config)$/.test(name),
    );
  const client = createClient({ url: ":memory:" });
  for (const { name, sql } of made) if (!isShadow(name)) await client.execute(sql);
  return {
    planOf: async ({ sql, args }: Sql): Promise<Step[]> => {
      const { rows } = await client.execute({ sql: `explain query plan ${sql}`, args: [...args] });
      return rows.map(({ detail }) => ({ detail: String(detail) }));
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** A condition that never holds is seen before anything is read. */
const isNeverRead = (text: string) => /\) and 0\)/.test(text);

/** The table that an alias of a statement stands for; undefined when it stands for rows that the statement made. */
function tableOf(text: string, alias: string, names: readonly string[]): string | undefined {
  if (names.includes(alias)) return new RegExp(`\\b${alias} \\(`).test(text) ? undefined : alias;
  return names.find((name) => new RegExp(`\\b${name}"? (?:as )?"?${alias}"?(?!\\w)`).test(text));
}

/** A row that an insert makes may mend a reference of another one; that is looked for only while one is broken. */
function checksForeignKey(text: string, table: string): boolean {
  return /^insert into/.test(text) && !new RegExp(`\\b${table}\\b`).test(text);
}
