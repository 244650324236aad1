import { chunks, computed, type Database, join, raw, type Select, type Sql, select, sql } from "@stoa/db";
import { getTableName, type Table } from "drizzle-orm";
import { getTableConfig, type SQLiteTable } from "drizzle-orm/sqlite-core";

/** A row of any table, its values in the order of the table's columns. */
export type Values = readonly unknown[];

/** How many rows are read or written by one statement. */
const slice = 500;

/** A table whose rows are compared and copied by their primary key, whatever its columns are. */
export class KeyedTable {
  readonly name: string;
  readonly #columns: readonly string[];
  readonly #key: readonly string[];

  constructor(table: Table) {
    const { columns, primaryKeys } = getTableConfig(table as SQLiteTable);
    this.name = getTableName(table);
    this.#columns = columns.map(({ name }) => name);
    const single = columns.filter(({ primary }) => primary);
    this.#key = (primaryKeys[0]?.columns ?? single).map(({ name }) => name);
    if (this.#key.length === 0) throw new TypeError(`The projection ${this.name} has no primary key.`);
  }

  /** A row's key as JSON text, made of the columns of `new` and `old` in a trigger say. */
  keySql(of: string): string {
    return `json_array(${this.#key.map((name) => `${of}."${name}"`).join(", ")})`;
  }

  /** Keys and rows in the order of the keys: those after one key, and up to another if that is given. */
  async *rows(db: Database, after?: string, last?: string): AsyncGenerator<readonly (readonly [string, Values])[]> {
    for (let from = after; ; ) {
      const bounds = [
        ...(from === undefined ? [] : [sql`${this.#tuple()} > ${this.#valuesOf(from)}`]),
        ...(last === undefined ? [] : [sql`${this.#tuple()} <= ${this.#valuesOf(last)}`]),
      ];
      const where = bounds.length === 0 ? raw("true") : join(bounds, " and ");
      const order = sql`order by ${this.#names(this.#key)} limit ${slice}`;
      const page = await this.#read(db, sql`where ${where} ${order}`);
      if (page.length > 0) yield page;
      if (page.length < slice) return;
      from = page.at(-1)?.[0];
    }
  }

  /** Statements that give the rows of these keys the values that they have in another database, or delete them. */
  async *copies(keys: readonly string[], from: Database, { onlyMissing = false } = {}): AsyncGenerator<Sql> {
    for (const some of chunks(keys, slice)) {
      const rows = await this.#read(from, sql`where ${this.#isOneOf(some)}`);
      const found = new Set(rows.map(([key]) => key));
      const gone = some.filter((key) => !found.has(key));
      if (gone.length > 0 && !onlyMissing) yield sql`delete from ${raw(`"${this.name}"`)} where ${this.#isOneOf(gone)}`;
      if (rows.length > 0)
        yield this.#put(
          rows.map(([, values]) => values),
          onlyMissing,
        );
    }
  }

  async #read(db: Database, rest: Sql): Promise<(readonly [string, Values])[]> {
    const shape = Object.fromEntries(this.#columns.map((name) => [name, computed(raw(`"${name}"`))]));
    const rows = await db.query(
      select(shape, sql`from ${raw(`"${this.name}"`)} ${rest}`) as Select<Record<string, unknown>>,
    );
    return rows.map((row) => {
      const key = JSON.stringify(this.#key.map((name) => row[name]));
      return [key, this.#columns.map((name) => row[name])] as const;
    });
  }

  #put(rows: readonly Values[], onlyMissing: boolean): Sql {
    const values = join(
      this.#columns.map((_, index) => raw(`value ->> ${index}`)),
      ", ",
    );
    const rest = onlyMissing ? [] : this.#columns.filter((name) => !this.#key.includes(name));
    const set = rest.map((name) => raw(`"${name}" = excluded."${name}"`));
    const otherwise = set.length === 0 ? raw("nothing") : sql`update set ${join(set, ", ")}`;
    return sql`insert into ${raw(`"${this.name}"`)} (${this.#names(this.#columns)})
      select ${values} from json_each(${JSON.stringify(rows)}) where true
      on conflict (${this.#names(this.#key)}) do ${otherwise}`;
  }

  #isOneOf(keys: readonly string[]): Sql {
    const parts = this.#key.map((_, index) => raw(`value ->> ${index}`));
    return sql`${this.#tuple()} in (select ${join(parts, ", ")} from json_each(${`[${keys.join(",")}]`}))`;
  }

  /** `(a, b)`, to be compared with the values of another key. */
  #tuple(): Sql {
    return sql`(${this.#names(this.#key)})`;
  }

  #valuesOf(key: string): Sql {
    const parts = this.#key.map((_, index) => sql`${key} ->> ${raw(String(index))}`);
    return sql`(${join(parts, ", ")})`;
  }

  #names(names: readonly string[]): Sql {
    return join(
      names.map((name) => raw(`"${name}"`)),
      ", ",
    );
  }
}
