import { expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { sql } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import { journalId } from "@stoa/journal";
import { lockAlone, noteRunning } from "../../standalone/running.ts";
import { cursor, enabled, parked, world } from "./test/folder.ts";

test("status shows journals, cursors with their lag, and parked events, and exits with 1 when there are any", async () => {
  await using w = await world();
  await w.happen(5);
  const identity = await w.open("identity");
  const journal = await journalId(identity);
  identity.close();
  const db = await w.open("messaging");
  await db.write([cursor(3, journal)]);
  expect(await w.events("status")).toEqual({
    code: 0,
    text: [
      "identity   journal 5",
      "projects   journal 0",
      "messaging  journal 0",
      "           applied 3 from identity, 2 behind, 0 parked",
    ].join("\n"),
  });
  await db.write([parked(2, enabled(2), false), parked(3, enabled(3), true)]);
  db.close();
  const { code, text } = await w.events("status", "messaging");
  expect(code).toBe(1);
  expect(text).toContain("parked identity 2 user.enabled: constraint: something");
});

test("status names a database that is missing beside others, and a folder without any, and exits with 1", async () => {
  await using w = await world();
  rmSync(`${w.path}/identity.db`);
  expect(await w.events("status")).toEqual({
    code: 1,
    text: [
      `identity   ${w.path}/identity.db is not there; put a backup in its place.`,
      "projects   journal 0",
      "messaging  journal 0",
    ].join("\n"),
  });
  for (const service of ["projects", "messaging"]) rmSync(`${w.path}/${service}.db`);
  expect(await w.events("status")).toEqual({
    code: 1,
    text: "There is no database here; set DATA_DIR, or …_DATABASE_URL.",
  });
});

test("status names a secret key that is missing or cut off beside databases, unless it is set, and exits with 1", async () => {
  await using w = await world();
  rmSync(`${w.path}/secret_key`);
  expect(await w.events("status")).toEqual({
    code: 1,
    text: expect.stringContaining(`secret_key: SECRET_KEY is not set, and ${w.path}/secret_key is missing beside`),
  });
  writeFileSync(`${w.path}/secret_key`, "short");
  expect((await w.events("status")).text).toContain("holds no whole key (at least 32 bytes)");
  expect(readFileSync(`${w.path}/secret_key`, "utf8")).toBe("short");
  await using set = await world({ SECRET_KEY: "0123456789abcdef0123456789abcdef" });
  rmSync(`${set.path}/secret_key`, { force: true });
  expect((await set.events("status")).code).toBe(0);
});

test("status shows the others when one database has no tables, or is another service's, and exits with 1", async () => {
  await using w = await world();
  await w.happen(1);
  const identity = await w.open("identity");
  await identity.query(sql`pragma wal_checkpoint(truncate)`);
  identity.close();
  copyFileSync(`${w.path}/identity.db`, `${w.path}/projects.db`);
  const { code, text } = await w.events("status");
  expect(code).toBe(1);
  expect(text).toContain("identity   journal 1");
  expect(text).toContain("projects   cannot be shown (no such table: webhooks)");
  expect(text).toContain("messaging  journal 0");
});

test("a file that cannot be opened is named", async () => {
  await using w = await world();
  rmSync(`${w.path}/projects.db`);
  mkdirSync(`${w.path}/projects.db`);
  expect(await w.events("status")).toEqual({
    code: 1,
    text: `${w.path}/projects.db cannot be used now: unable to open database file.`,
  });
});

test("status names a disk that takes no more, and says nothing of a folder that others write", async () => {
  await using w = await world();
  symlinkSync("/dev/full", `${w.path}/.room`);
  const full = await w.events("status");
  expect(full.code).toBe(1);
  expect(full.text).toContain(`disk: Nothing can be written to ${w.path} (ENOSPC). Give the disk room or repair it.`);
  expect((await w.events("status")).code).toBe(0);
  expect(existsSync(`${w.path}/.room`)).toBe(false);
});

test("status says what health says of the server that has the folder open, and when it does not answer", async () => {
  await using w = await world();
  const reasons = [
    { part: "projects: database", reason: "The last write failed (database or disk is full)." },
    {
      part: "messaging: projector of identity",
      reason: "Events of 1 aggregate are parked; see `bun run events status`.",
    },
  ];
  const lock = lockDataDir(w.path);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => Response.json({ status: "degraded", reasons }),
  });
  noteRunning(w.path, "127.0.0.1", server.port ?? 0);
  const { code, text } = await w.events("status");
  expect([code, text.split("\n").at(-1)]).toEqual([
    1,
    "projects: database: The last write failed (database or disk is full).",
  ]);
  server.reload({ fetch: () => Response.json({ status: "ok" }) });
  expect((await w.events("status")).code).toBe(0);
  for (const answer of ["no JSON", JSON.stringify({ reasons: 1 })]) {
    server.reload({ fetch: () => new Response(answer) });
    expect((await w.events("status")).text).toContain(
      `stoa: Stoa runs in ${w.path}, but its health cannot be read at http`,
    );
  }
  await server.stop(true);
  expect((await w.events("status")).code).toBe(1);
  lock.release();
  // A note that a killed server has left says nothing,
  expect((await w.events("status")).code).toBe(0);
  // also to a command beside another one that has the folder alone.
  const rebuilding = lockAlone(w.path);
  expect((await w.events("status")).code).toBe(0);
  rebuilding.release();
});

test("a journal that was restored to before a cursor is named by status, which exits with 1, and accepted", async () => {
  await using w = await world();
  await w.happen(5);
  const identity = await w.open("identity");
  const journal = await journalId(identity);
  identity.close();
  const db = await w.open("messaging");
  await db.write([
    cursor(8, journal),
    sql`insert into memberships (project_id, user_id, role) values ('project-1', 'user-1', 'owner')`,
  ]);
  const { code, text } = await w.events("status");
  expect(code).toBe(1);
  expect(text).toContain(
    "end at 5, but event 8 was applied. Nothing is applied until you run `bun run events accept identity`",
  );
  expect(await w.events("rebuild", "messaging")).toMatchObject({
    code: 1,
    text: expect.stringContaining("accept identity"),
  });
  expect(await w.events("accept", "identity")).toMatchObject({
    code: 0,
    text: expect.stringContaining("messaging  had applied 3 events of identity that the journal lacks, 6 to 8"),
  });
  expect(await db.query(sql`select seq, event_id, reacted from cursors`)).toEqual([
    { seq: 5, event_id: expect.any(String), reacted: 5 },
  ]);
  db.close();
  expect((await w.events("status")).code).toBe(0);
});
