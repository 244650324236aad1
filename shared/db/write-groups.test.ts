import { describe, expect, test } from "bun:test";
import { temporaryDatabase } from "@stoa/testing";
import { DatabaseError, type DatabaseFailure, violates } from "./errors.ts";
import { type Sql, sql } from "./sql.ts";
import { writeGroups } from "./write-groups.ts";

const limits = { width: 1, most: 16, depth: 100 };

/** A transaction that returns the text of each statement, and refuses a statement that begins with "refuse". */
function recorder() {
  const sent: string[][] = [];
  const send = async (statements: readonly Sql[]) => {
    const texts = statements.map((statement) => statement.sql);
    sent.push(texts);
    const at = texts.findIndex((text) => text.startsWith("refuse"));
    if (at >= 0) throw new DatabaseError(texts[at]?.split(" ")[1] as DatabaseFailure, new Error("no"), "rule", at);
    return texts.map((text) => ({ rows: [{ text }] }) as never);
  };
  return { sent, send };
}

const said = (results: unknown) => (results as { rows: { text: string }[] }[]).map(({ rows }) => rows[0]?.text);

describe("writes that come together", () => {
  test("share one transaction, in order, and each gets its own results", async () => {
    const { sent, send } = recorder();
    const write = writeGroups(send, limits);
    const results = await Promise.all([write([sql`a1`, sql`a2`]), write([sql`b1`]), write([sql`c1`, sql`c2`])]);
    expect(sent).toEqual([["a1", "a2", "b1", "c1", "c2"]]);
    expect(results.map(said)).toEqual([["a1", "a2"], ["b1"], ["c1", "c2"]]);
  });

  test("are relaxed together only if all of them are, and each by itself when they are sent again", async () => {
    const { send } = recorder();
    const relaxed: unknown[] = [];
    const write = writeGroups((statements, options) => {
      relaxed.push(options?.relaxed ?? false);
      return send(statements);
    }, limits);
    await Promise.all([write([sql`a`], { relaxed: true }), write([sql`b`], { relaxed: true })]);
    await Promise.all([write([sql`a`], { relaxed: true }), write([sql`b`])]);
    await Promise.allSettled([write([sql`a`], { relaxed: true }), write([sql`refuse constraint`])]);
    expect(relaxed).toEqual([true, false, false, true, false]);
  });

  test("are sent again one by one when one is refused, and only that one fails", async () => {
    const { sent, send } = recorder();
    const write = writeGroups(send, limits);
    const outcomes = await Promise.allSettled([
      write([sql`a`]),
      write([sql`b`, sql`refuse constraint`]),
      write([sql`c`]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { failure: "constraint", constraint: "rule", statementIndex: 1 } });
    expect(sent).toEqual([["a", "b", "refuse constraint", "c"], ["a"], ["b", "refuse constraint"], ["c"]]);
  });

  test.each(["unavailable", "unknown_outcome"] as const)(
    "all fail when it is %s, and nothing is sent again",
    async (failure) => {
      const { sent, send } = recorder();
      const write = writeGroups(send, limits);
      const outcomes = await Promise.allSettled([write([sql`a`]), write([{ ...sql`x`, sql: `refuse ${failure}` }])]);
      expect(outcomes).toMatchObject([{ reason: { failure } }, { reason: { failure } }]);
      expect(sent).toHaveLength(1);
    },
  );

  test("wait while the highest number of transactions is on its way, and are sent together then", async () => {
    const gate = Promise.withResolvers<void>();
    const { sent, send } = recorder();
    const slow = async (statements: readonly Sql[]) => {
      const results = await send(statements);
      if (sent.length === 1) await gate.promise;
      return results;
    };
    const write = writeGroups(slow, { ...limits, most: 2 });
    const all = [write([sql`a`]), write([sql`b`]), write([sql`c`]), write([sql`d`]), write([sql`e`])];
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([["a", "b"]]);
    gate.resolve();
    await Promise.all(all);
    expect(sent).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });

  test("are refused at once when too many wait", async () => {
    const write = writeGroups(recorder().send, { ...limits, depth: 2 });
    const outcomes = await Promise.allSettled([write([sql`a`]), write([sql`b`]), write([sql`c`])]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(outcomes[2]).toMatchObject({ reason: { failure: "unavailable" } });
  });
});

test("on a real database only the batch that breaks a rule fails", async () => {
  await using stored = await temporaryDatabase("identity");
  const add = (name: string) =>
    stored.db.write([
      sql`insert into roles (id, name, created_at) values (${name}, ${name}, '2026-11-20T09:00:00.000Z')`,
      sql`insert into roles (id, name, created_at) values (${`${name}-2`}, ${`${name}-2`}, '2026-11-20T09:00:00.000Z')`,
    ]);
  const names = Array.from({ length: 40 }, (_, index) => `role-${index}`);
  const outcomes = await Promise.allSettled([...names, "role-7"].map(add));
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
  const last = outcomes.at(-1);
  expect(last?.status === "rejected" && violates(last.reason, "roles.name")).toBe(true);
  expect(await stored.db.query(sql`select count(*) as n from roles`)).toEqual([{ n: 80 }]);
});
