import { expect, test } from "bun:test";
import { type Column, is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import * as tables from "../tables.ts";

const configs = Object.values(tables).flatMap((table) => (is(table, SQLiteTable) ? [getTableConfig(table)] : []));

test("every foreign key can be followed backwards by an index", () => {
  const missing = configs.flatMap(({ name, foreignKeys, indexes, primaryKeys, columns }) => {
    const leading = [
      ...indexes.map((index) => (index.config.columns[0] as Column).name),
      ...primaryKeys.map((key) => key.columns[0]?.name),
      ...columns.filter(({ primary }) => primary).map((column) => column.name),
    ];
    return foreignKeys
      .map((key) => key.reference().columns[0]?.name)
      .filter((column) => !leading.includes(column))
      .map((column) => `${name}.${column}`);
  });
  expect(missing).toEqual([]);
});
