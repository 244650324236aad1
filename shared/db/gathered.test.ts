import { describe, expect, test } from "bun:test";
import { temporaryDatabase } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { DatabaseError } from "./errors.ts";
import { gathered, gatheringLast } from "./gathered.ts";
import { raw, type Sql, sql } from "./sql.ts";

const list = (...names: string[]) =>
  gathered(sql`insert into names (name) select value from json_each(${JSON.stringify(names)})`);

/** Sends nothing: each result is the text of its statement; one that begins with "refuse" is refused. */
function recorder() {
  const sent: Sql[][] = [];
  const send = gatheringLast(async (statements) => {
    sent.push([...statements]);
    const at = statements.findIndex((one) => one.sql.startsWith("refuse"));
    if (at >= 0) throw new DatabaseError("constraint", new Error("no"), "rule", at);
    return statements.map((one) => ({ rows: [{ text: one.sql }], changes: 1 }));
  });
  return { sent, send };
}

describe("gathered statements", () => {
  test("run once, at the end, with what all of them say; the others keep their order and their results", async () => {
    const { sent, send } = recorder();
    const results = await send([raw("a"), list("x"), raw("b"), list("y", "z"), raw("c")]);
    expect(sent.map((batch) => batch.map((one) => one.sql.slice(0, 12)))).toEqual([["a", "b", "c", "insert into "]]);
    expect(sent[0]?.at(-1)?.args).toEqual(['["x","y","z"]']);
    expect(results.map(({ rows }) => rows[0]?.["text"])).toEqual(["a", undefined, "b", undefined, "c"]);
  });

  test("of different texts are different statements", async () => {
    const { sent, send } = recorder();
    await send([gathered(sql`one ${"[1]"}`), gathered(sql`two ${"[2]"}`), gathered(sql`one ${"[3]"}`)]);
    expect(sent[0]?.map((one) => [one.sql, ...one.args])).toEqual([
      ["one ?", "[1,3]"],
      ["two ?", "[2]"],
    ]);
  });

  test("leave a refused statement its place in the batch, and have none themselves", async () => {
    const { send } = recorder();
    await expect(send([list("x"), raw("a"), raw("refuse")])).rejects.toMatchObject({
      constraint: "rule",
      statementIndex: 2,
    });
    await expect(send([gathered(sql`refuse ${"[1]"}`), raw("a")])).rejects.toMatchObject({
      constraint: "rule",
      statementIndex: undefined,
    });
  });

  test("take one argument, a JSON array that is not empty", () => {
    for (const wrong of [raw("a"), sql`a ${"[]"}`, sql`a ${"{}"}`, sql`a ${1}`, sql`a ${"[1]"} ${"[2]"}`]) {
      expect(() => gathered(wrong)).toThrow(TypeError);
    }
  });

  test("of batches that share a transaction are one; one that is refused takes nothing of the others along", async () => {
    await using stored = await temporaryDatabase("messaging");
    const texts: string[] = [];
    const db = await openDatabase(stored.url, { trace: (text) => texts.push(text) });
    await db.write([raw("create table names (name text unique)"), raw("create table seen (name text)")]);
    texts.length = 0;
    const seen = sql`insert into seen select name from names`;
    await Promise.all([db.write([list("x"), seen]), db.write([list("y"), seen])]);
    expect(texts).toEqual([seen.sql, seen.sql, list("x").sql]);
    const outcomes = await Promise.allSettled([db.write([list("z")]), db.write([list("x")])]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await db.query(raw("select name from names order by name"))).toEqual(
      ["x", "y", "z"].map((name) => ({ name })),
    );
    expect(await db.query(raw("select name from seen"))).toEqual([]);
    db.close();
  });
});
