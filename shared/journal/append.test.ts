import { expect, test } from "bun:test";
import { join } from "node:path";
import { raw, type Sql, sql } from "@stoa/db";
import { temporaryDirectory } from "@stoa/testing";
import { append, commit } from "./index.ts";
import { readAfter } from "./read.ts";
import { cause, openRoom, time } from "./test/journal-fixture.ts";

test("what only the database knows of an event stands behind the rest of its data, as JSON of its kind", async () => {
  await using folder = await temporaryDirectory("append");
  const db = await openRoom(`file:${join(folder.path, "room.db")}`, 2);
  const said = async (data: { readonly [name: string]: string | null | Sql }) => {
    const event = {
      type: "user.enabled",
      aggregate_id: "x",
      time,
      data: data as { readonly user_id: string },
    } as const;
    await commit(db, append(cause, event), []);
    const row = (await readAfter(db, 0, 100)).at(-1);
    return row?.data;
  };
  const text = 'a "quoted" one \\ and 🪿\n';
  expect(await said({ user_id: text, none: null })).toBe(JSON.stringify({ user_id: text, none: null }));
  expect(await said({ user_id: sql`${text}` })).toBe(JSON.stringify({ user_id: text }));
  const later = { seq: raw("1 + 1"), none: raw("null"), list: raw("json_array('b', 1)") };
  expect(await said({ ...later, user_id: text, 'a "name"': raw("'b'") })).toBe(
    JSON.stringify({ user_id: text, seq: 2, none: null, list: ["b", 1], 'a "name"': "b" }),
  );
  db.close();
});
