import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { memoryRevocations } from "@stoa/auth";
import { newId, openDatabase, raw } from "@stoa/db";
import { eventually, silent, temporaryDirectory } from "@stoa/testing";
import { forgetDeleted } from "./forget-deleted.ts";

test("what was deleted is in no file of a database soon after somebody was erased", async () => {
  await using folder = await temporaryDirectory("forget");
  const path = join(folder.path, "x.db");
  const db = await openDatabase(`file:${path}`);
  const revocations = memoryRevocations({ lifetimeSeconds: 900, now: () => new Date() });
  const stop = forgetDeleted(db, revocations, silent, 10);
  const found = () =>
    [path, `${path}-wal`].filter((file) => existsSync(file) && readFileSync(file, "latin1").includes("xanthippe"));
  await db.write([raw("create table people (name text)"), raw("insert into people values ('xanthippe')")]);
  await db.write([raw("delete from people")]);
  expect(found()).toEqual([`${path}-wal`]);
  const data = { user_id: newId(), session_ids: [] };
  revocations.apply({ type: "stoa.identity.user.erased.v1", time: new Date().toISOString(), data });
  await eventually(() => found().length === 0);
  await stop();
  expect(db.checkpoint()).toBe(true);
  db.close();
});
