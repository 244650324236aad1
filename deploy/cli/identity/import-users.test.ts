import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, sql } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import { temporaryDirectory } from "@stoa/testing";
import { run as runDb } from "../db/main.ts";
import { run } from "./main.ts";
import { progress } from "./progress.ts";

/** A data folder with identity's database; `start` adds a first user to it. */
async function world() {
  const folder = await temporaryDirectory("identity-import");
  const env = { DATA_DIR: folder.path };
  expect(await runDb(["migrate", "-s", "identity"], env, () => undefined)).toBe(0);
  const open = () => openDatabase(`file:${folder.path}/identity.db`);
  const start = async () => {
    const db = await open();
    await db.write([
      sql`insert into users (id, username, created_at, updated_at) values ('1', 'root', '2026-01-01', '2026-01-01')`,
    ]);
    db.close();
  };
  const file = join(folder.path, "users.jsonl");
  const bring = async (...args: string[]) => {
    const lines: string[] = [];
    const code = await run(["import-users", ...args], env, (line) => lines.push(line));
    return { code, lines, text: lines.join("\n") };
  };
  const write = (lines: readonly (object | string)[]) =>
    writeFileSync(file, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  return {
    bring,
    open,
    start,
    write,
    file,
    path: folder.path,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("creates users, says which lines it refused and why, and changes nothing when it runs again", async () => {
  await using w = await world();
  await w.start();
  w.write([
    ...Array.from({ length: 230 }, (_, i) => ({ email: `person.${i}@example.com` })),
    { email: "late@example.com", password_hash: "md5" },
    { email: "nobody" },
    "{",
  ]);
  const first = await w.bring(w.file);
  expect([first.code, first.lines.at(-1)]).toEqual([1, "230 created, 0 unchanged, 3 refused"]);
  expect(first.lines.slice(0, -1)).toEqual([
    expect.stringMatching(/^line 231: unsupported_hash: \/password_hash: The hash is neither/),
    "line 232: validation_failed: /email: This is not an e-mail address.",
    "line 233: malformed_json: The request body is not well-formed JSON.",
  ] as never);
  expect(first.text).not.toContain("md5");
  const again = await w.bring(w.file);
  expect(again.lines.at(-1)).toBe("0 created, 230 unchanged, 3 refused");
  w.write([{ email: "person.1@example.com" }, { email: "new@example.com" }]);
  expect(await w.bring(w.file)).toMatchObject({ code: 0, text: "1 created, 1 unchanged, 0 refused" });
  const db = await w.open();
  const [event] = await db.query(sql`select device_info, actor_id from journal order by seq desc limit 1`);
  expect(event).toEqual({ device_info: "bun run identity", actor_id: null });
  db.close();
});

test("says which route does the same while an instance has locked the file", async () => {
  await using w = await world();
  await w.start();
  w.write([]);
  const lock = lockDataDir(w.path);
  const { code, text } = await w.bring(w.file);
  lock.release();
  expect([code, text]).toEqual([1, expect.stringContaining("POST /api/v1/auth/users/import")] as never);
});

test("refuses to import before there is a first superuser", async () => {
  await using w = await world();
  w.write([{ email: "ada@example.com" }]);
  expect(await w.bring(w.file)).toMatchObject({ code: 1, text: expect.stringContaining("start Stoa once") });
});

test("takes one file that exists", async () => {
  await using w = await world();
  expect((await w.bring()).text).toStartWith("Name one file to import.");
  expect((await w.bring("one", "two")).text).toStartWith("Name one file to import.");
  expect((await w.bring(join(w.path, "none"))).text).toBe("There is no such file.");
});

test("progress is a line on a terminal that is cleared for other output and at the end; elsewhere nothing is shown", async () => {
  const written: string[] = [];
  const shown = progress(8, { isTTY: true, write: (text: string) => written.push(text) });
  async function* chunks() {
    yield new Uint8Array(4);
  }
  for await (const _ of shown.watch(chunks())) shown.tick(() => "2 created");
  shown.tick(() => "too soon");
  shown.aside(() => written.push("a line"));
  shown.end();
  const clear = "\r\u001b[2K";
  expect(written).toEqual([`${clear}50 %  2 created`, clear, "a line", clear]);
  const quiet = progress(8, { isTTY: false, write: () => expect.unreachable() });
  quiet.tick(() => "nothing");
  quiet.aside(() => undefined);
  quiet.end();
});
