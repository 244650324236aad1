import { DatabaseError } from "./errors.ts";
import { marked, type Sql, type SqlValue } from "./sql.ts";
import type { SendWrites } from "./write-groups.ts";

const mark = "gathered";

/**
 * A statement that runs at the end of its transaction, once for all batches that share it: what each says is put into one list.
 * For what costs less when it is done together, such as writing to a search index, which SQLite otherwise flushes before
 * the next statement that may fail. Statements of its batch that come behind it do not see what it does.
 *
 * @param statement its one argument is a JSON array, of which it takes one element after another
 */
export function gathered(statement: Sql): Sql {
  if (statement.args.length !== 1 || !isList(statement.args[0])) {
    throw new TypeError(`The one argument of a gathered statement is a JSON array: ${statement.sql}`);
  }
  return marked(statement, mark);
}

/** Sends transactions in which gathered statements come last. The results of these are empty. */
export function gatheringLast(send: SendWrites): SendWrites {
  const sendGathered: SendWrites = async (statements, options) => {
    const kept = [...statements.keys()].filter((index) => !isGathered(at(statements, index)));
    const together = new Map<string, Sql>();
    for (const statement of statements) {
      if (!isGathered(statement)) continue;
      const before = together.get(statement.sql);
      together.set(
        statement.sql,
        before ? { ...before, args: [joined(before.args[0], statement.args[0])] } : statement,
      );
    }
    try {
      const sent = await send([...kept.map((index) => at(statements, index)), ...together.values()], options);
      const results = new Map(kept.map((index, place) => [index, sent[place]]));
      return statements.map((_, index) => results.get(index) ?? { rows: [], changes: 0 });
    } catch (error) {
      throw inPlace(error, kept);
    }
  };
  return (statements, options) => (statements.some(isGathered) ? sendGathered : send)(statements, options);
}

const isGathered = ({ marks }: Sql) => marks.includes(mark);

const isList = (value: SqlValue | undefined): value is string =>
  typeof value === "string" && value.startsWith("[") && value.endsWith("]") && value.length > 2;

/** Two JSON arrays as one. */
function joined(one: SqlValue | undefined, other: SqlValue | undefined): string {
  return `${String(one).slice(0, -1)},${String(other).slice(1)}`;
}

/** The error with the place that the refused statement has in its batch; that of a gathered one is nobody's. */
function inPlace(error: unknown, kept: readonly number[]): unknown {
  if (!(error instanceof DatabaseError) || error.statementIndex === undefined) return error;
  return new DatabaseError(error.failure, error.cause, error.constraint, kept[error.statementIndex]);
}

function at(statements: readonly Sql[], index: number): Sql {
  const statement = statements[index];
  if (statement === undefined) throw new RangeError("There is no such statement.");
  return statement;
}
