import { Database, type SQLQueryBindings, type Statement } from "bun:sqlite";
import { createClient } from "@libsql/client";
import type { SqlValue } from "@stoa/db";

/** SQL with its arguments. */
export interface BareStatement {
  readonly sql: string;
  readonly args: readonly SqlValue[];
}

/** The minimum of a driver: the rows of a statement, and a durable batch. */
export interface BareDriver {
  all(statement: BareStatement): unknown[] | Promise<unknown[]>;
  batch(statements: readonly BareStatement[]): void | Promise<void>;
}

/** Drivers by name. Each opens a file with the same settings as Stoa. */
export const drivers = {
  bun: async (file: string): Promise<BareDriver> => {
    const db = new Database(file);
    db.run("pragma journal_mode = wal");
    db.run("pragma synchronous = full");
    db.run("pragma foreign_keys = on");
    db.run("pragma secure_delete = on");
    const kept = new Map<string, Statement>();
    const prepared = (sql: string) => {
      const statement = kept.get(sql) ?? db.prepare(sql);
      kept.set(sql, statement);
      return statement;
    };
    return {
      all: ({ sql, args }) => prepared(sql).all(...(args as SQLQueryBindings[])),
      batch: (statements) => {
        prepared("begin immediate").run();
        for (const { sql, args } of statements) prepared(sql).run(...(args as SQLQueryBindings[]));
        prepared("commit").run();
      },
    };
  },
  libsql: async (file: string): Promise<BareDriver> => {
    const client = createClient({ url: `file:${file}` });
    await client.execute("pragma journal_mode = wal");
    const loose = ({ sql, args }: BareStatement) => ({ sql, args: [...args] });
    return {
      all: async (statement) => (await client.execute(loose(statement))).rows,
      batch: async (statements) => {
        await client.batch(statements.map(loose), "write");
      },
    };
  },
};
