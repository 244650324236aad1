import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, raw, sql } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import { type ServiceName, services, system } from "@stoa/events";
import { append } from "@stoa/journal";
import { damage, temporaryDirectory } from "@stoa/testing";
import { copyDatabase } from "../../backup/copy.ts";
import { readManifest } from "../../backup/manifest.ts";
import { takeBackup } from "../../backup/take.ts";
import { run as runDb } from "../db/main.ts";
import { runBackup, runRestore } from "./main.ts";

/** A data folder with three migrated databases and a secret key, and the commands on it. */
async function world() {
  const folder = await temporaryDirectory("backup");
  const dataDir = join(folder.path, "data");
  const env = { DATA_DIR: dataDir };
  expect(await runDb(["migrate"], env, () => undefined)).toBe(0);
  writeFileSync(join(dataDir, "secret_key"), "a secret of thirty-two characters\n");
  const command =
    (run: typeof runBackup) =>
    (args: readonly string[], more: Record<string, string> = {}) => {
      const lines: string[] = [];
      const code = run(args, { ...env, ...more }, (line) => lines.push(line));
      return { code, text: lines.join("\n") };
    };
  const file = (service: ServiceName) => join(dataDir, `${service}.db`);
  const write = async (service: ServiceName, ...statements: ReturnType<typeof sql>[]) => {
    const db = await openDatabase(`file:${file(service)}`);
    await db.write(statements);
    db.close();
  };
  return {
    dataDir,
    backup: command(runBackup),
    restore: command(runRestore),
    file,
    write,
    /** Appends an event about a user to identity's journal. */
    happen: (type: "user.enabled" | "user.erased", user_id: string) => write("identity", eventOf(type, user_id)),
    journal: async (service: ServiceName) => {
      const db = await openDatabase(`file:${file(service)}`);
      const rows = await db.query(sql`select seq, event_id, type, aggregate_id from journal order by seq`);
      db.close();
      return rows;
    },
    options: {
      databases: { identity: file("identity"), projects: file("projects"), messaging: file("messaging") },
      dataDir,
      to: join(folder.path, "backups"),
      version: "1.2.3",
      now: () => new Date("2026-11-20T09:00:00.000Z"),
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function eventOf(type: "user.enabled" | "user.erased", user_id: string) {
  const event = { aggregate_id: user_id, time: "2026-11-20T09:00:00.000Z" };
  return type === "user.enabled"
    ? append(system, { type, ...event, data: { user_id } }).statement
    : append(system, { type, ...event, data: { user_id, session_ids: [] } }).statement;
}

const cursor = (
  seq: number,
  journal_id: unknown,
) => sql`insert into cursors (source, journal_id, prev, seq, reacted, parked)
    values ('identity', ${String(journal_id)}, 0, ${seq}, ${seq}, '0:0')`;

const only = (dir: string) => {
  const [name = "", ...more] = readdirSync(dir).filter((entry) => entry !== ".lock");
  expect(more).toEqual([]);
  return join(dir, name);
};

test("a backup has the three databases, the key and a manifest, for their owner only, and restores to the same", async () => {
  await using w = await world();
  for (const id of ["a", "b", "c"]) await w.happen("user.enabled", id);
  const before = await w.journal("identity");
  const umask = process.umask(0);
  const { code, text } = w.backup([]);
  process.umask(umask);
  const folder = only(join(w.dataDir, "backups"));
  expect([code, text]).toEqual([0, `wrote ${folder}: events identity 3, projects 0, messaging 0`]);
  const names = ["identity.db", "manifest.json", "messaging.db", "projects.db", "secret_key"];
  expect(readdirSync(folder).sort()).toEqual(names);
  for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  for (const dir of [folder, join(w.dataDir, "backups")]) expect(statSync(dir).mode & 0o777).toBe(0o700);
  const manifest = readManifest(folder);
  expect(manifest).toMatchObject({
    journals: { identity: { seq: 3 }, projects: { seq: 0 }, messaging: { seq: 0 } },
    migrations: { identity: expect.stringMatching(/^\d{4}_/) },
    secret_key: true,
    warnings: [],
  });
  for (const { name, bytes } of manifest.files) expect(statSync(join(folder, name)).size).toBe(bytes);

  await w.happen("user.enabled", "d");
  await w.happen("user.erased", "e");
  writeFileSync(join(w.dataDir, "secret_key"), "another secret of many characters\n");
  const restored = w.restore([folder]);
  expect(restored.code).toBe(0);
  expect(restored.text).toContain("events identity 3, projects 0, messaging 0");
  expect(restored.text).toContain("User e was erased since and exists again: DELETE /api/v1/auth/users/e");
  expect(await w.journal("identity")).toEqual(before);
  expect(await Bun.file(join(w.dataDir, "secret_key")).text()).toBe("a secret of thirty-two characters\n");
  for (const service of services) expect(statSync(w.file(service)).mode & 0o777).toBe(0o600);
  // What was there is whole in its own folder.
  const aside = /in (\S+before-restore-\S+);/.exec(restored.text)?.[1] ?? "";
  const old = await openDatabase(`file:${join(aside, "identity.db")}`);
  expect(await old.query(sql`select max(seq) as last from journal`)).toEqual([{ last: 5 }]);
  old.close();
  expect(await Bun.file(join(aside, "secret_key")).text()).toStartWith("another");
});

test("into an empty folder too; and what is not in the backup is named", async () => {
  await using w = await world();
  rmSync(join(w.dataDir, "secret_key"));
  const { text } = w.backup(["--to", w.options.to]);
  expect(text).toContain("SECRET_KEY is not in it");
  const folder = only(w.options.to);
  rmSync(w.dataDir, { recursive: true });
  const restored = w.restore([folder], { NATS_URL: "nats://127.0.0.1:1" });
  expect(restored.code).toBe(0);
  expect(restored.text).toContain("SECRET_KEY was in the environment");
  expect(restored.text).toContain("events rebuild --stream");
  expect(restored.text).not.toContain("before-restore");
  expect(statSync(w.dataDir).mode & 0o777).toBe(0o700);
  expect(await runDb(["status"], { DATA_DIR: w.dataDir }, () => undefined)).toBe(0);
});

test("databases that are in other folders under one name keep apart, and what Litestream knows of them is moved too", async () => {
  await using w = await world();
  w.backup(["--to", w.options.to]);
  const env: Record<string, string> = {};
  for (const service of services) {
    const dir = join(w.dataDir, service);
    await Bun.write(join(dir, ".a.db-litestream", "state"), service);
    await Bun.write(join(dir, "a.db"), service);
    env[`${service.toUpperCase()}_DATABASE_URL`] = `file:${join(dir, "a.db")}`;
  }
  const { code, text } = w.restore([only(w.options.to)], env);
  expect(code).toBe(0);
  expect(text).toContain("Whether users were erased since cannot be read");
  const aside = /in (\S+before-restore-\S+);/.exec(text)?.[1] ?? "";
  for (const service of services) {
    expect(await Bun.file(join(aside, `${service}.db`)).text()).toBe(service);
    expect(await Bun.file(join(aside, `.${service}.db-litestream`, "state")).text()).toBe(service);
    expect(readdirSync(join(w.dataDir, service))).toEqual(["a.db"]);
  }
});

test("what a killed process had committed is in a backup, also when the index of its log is lost", async () => {
  await using w = await world();
  const killed = Bun.spawnSync([
    process.execPath,
    "-e",
    `const db = new (require("bun:sqlite").Database)(${JSON.stringify(w.file("messaging"))});
     db.run("pragma journal_mode = wal");
     db.run("insert into directory (user_id, username, full_name, is_active) values ('u', 'ada', null, 1)");
     process.kill(process.pid, "SIGKILL");`,
  ]);
  expect(killed.signalCode).toBe("SIGKILL");
  expect(statSync(`${w.file("messaging")}-wal`).size).toBeGreaterThan(0);
  for (const lost of [false, true]) {
    if (lost) rmSync(`${w.file("messaging")}-shm`);
    const to = join(w.options.to, String(lost));
    expect(w.backup(["--to", to]).code).toBe(0);
    const db = await openDatabase(`file:${join(only(to), "messaging.db")}`);
    expect(await db.query(sql`select username from directory`)).toEqual([{ username: "ada" }]);
    db.close();
  }
});

test("a restore refuses while Stoa runs, and changes nothing", async () => {
  await using w = await world();
  w.backup(["--to", w.options.to]);
  await w.happen("user.enabled", "a");
  const lock = lockDataDir(w.dataDir);
  const { code, text } = w.restore([only(w.options.to)]);
  lock.release();
  expect([code, text]).toEqual([1, expect.stringContaining("Stoa is already running")]);
  expect(await w.journal("identity")).toHaveLength(1);
});

test.each<[string, (folder: string) => Promise<void> | void, RegExp]>([
  ["without its manifest", (folder) => rmSync(join(folder, "manifest.json")), /is no backup/],
  [
    "with a manifest that says something else",
    (folder) => writeFileSync(join(folder, "manifest.json"), "{}"),
    /is no backup/,
  ],
  ["without a file", (folder) => rmSync(join(folder, "projects.db")), /projects\.db is missing/],
  [
    "with a file that is cut",
    (folder) => writeFileSync(join(folder, "projects.db"), ""),
    /projects\.db is not the file/,
  ],
  [
    "with a byte that has turned",
    async (folder) => {
      const path = join(folder, "messaging.db");
      const bytes = await Bun.file(path).bytes();
      bytes[5_000] = (bytes[5_000] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    },
    /messaging\.db is not the file/,
  ],
])("a restore refuses a backup %s, and changes nothing", async (_, damage, said) => {
  await using w = await world();
  w.backup(["--to", w.options.to]);
  await w.happen("user.enabled", "a");
  const folder = only(w.options.to);
  await damage(folder);
  const { code, text } = w.restore([folder]);
  expect(code).toBe(1);
  expect(text).toMatch(said);
  expect(text.split("\n")).toHaveLength(1);
  expect(await w.journal("identity")).toHaveLength(1);
  expect(readdirSync(w.dataDir).filter((name) => /restor/.test(name))).toEqual([]);
});

test("a restore that cannot copy everything leaves no copy behind", async () => {
  await using w = await world();
  w.backup(["--to", w.options.to]);
  const nowhere = `file:${join(w.dataDir, "secret_key", "projects.db")}`;
  expect(w.restore([only(w.options.to)], { PROJECTS_DATABASE_URL: nowhere })).toMatchObject({ code: 1 });
  expect(readdirSync(w.dataDir).filter((name) => /restor/.test(name))).toEqual([]);
});

test("a restore refuses the schema of a newer Stoa, by its own migrations", async () => {
  await using w = await world();
  await w.write("projects", sql`insert into migrations (tag, hash, applied_at) values ('9000_later', 'x', 'then')`);
  w.backup(["--to", w.options.to]);
  const { code, text } = w.restore([only(w.options.to)]);
  expect(code).toBe(1);
  expect(text).toContain("projects has run 9000_later, which this version does not know");
});

test("a cursor that is ahead of its copied source: the source is copied again", async () => {
  await using w = await world();
  const journal_id = await idOf(w.file("identity"));
  const stale = join(w.dataDir, "stale.db");
  copyDatabase(w.file("identity"), stale);
  for (const id of ["a", "b", "c"]) await w.happen("user.enabled", id);
  await w.write("messaging", cursor(3, journal_id));
  await w.write("projects", cursor(2, journal_id));
  const copied: string[] = [];
  const { manifest } = takeBackup({
    ...w.options,
    copy: (source, target) => {
      const first = source === w.file("identity") && !copied.includes(source);
      copied.push(source);
      copyDatabase(first ? stale : source, target);
    },
  });
  expect(copied.map((path) => path.slice(w.dataDir.length + 1))).toEqual([
    "messaging.db",
    "projects.db",
    "identity.db",
    "identity.db",
  ]);
  expect(manifest).toMatchObject({ journals: { identity: { seq: 3 } }, warnings: [] });
});

test("what is wrong in the databases themselves is backed up too, with a warning", async () => {
  await using w = await world();
  await w.write("messaging", cursor(7, await idOf(w.file("identity"))));
  await w.write("projects", cursor(1, "another journal"));
  const { code, text } = w.backup(["--to", w.options.to]);
  expect(code).toBe(0);
  expect(text).toContain("Warning: messaging is at event 7 of identity, whose journal ends at 0.");
  expect(text).toContain("Warning: projects has followed another journal of identity.");
  expect(w.restore([only(w.options.to)]).text).toContain("Warning: messaging is at event 7 of identity");
});

test("events that cannot be read are backed up as they are, with a warning; one of an older backup puts a row back", async () => {
  await using w = await world();
  for (const user of ["a", "b", "c", "d"]) await w.happen("user.enabled", user);
  expect(w.backup([]).code).toBe(0);
  const older = takeBackup({ ...w.options, to: `${w.options.to}-older` });
  const db = await openDatabase(`file:${w.file("identity")}`);
  const trigger = sql`select sql from sqlite_master where name = 'journal_refuses_delete'`;
  const [before] = await db.query(trigger);
  await damage(db, 2, "another shape");
  await damage(db, 3, "no row");
  const { manifest } = takeBackup(w.options);
  expect(manifest.warnings).toEqual([
    expect.stringMatching(/^Event 2 of identity \(user\.enabled, \S+\) cannot be read in the journal of identity: /),
    "Event 3 of identity is missing in the journal of identity, which has later ones.",
  ] as never);
  expect(w.backup([]).text).toContain("Warning: Event 2 of identity");

  await db.write([raw(String(before?.["sql"]))]);
  for (const seq of [2, 3]) putBack(w.file("identity"), `${older.folder}/identity.db`, seq);
  expect(await db.query(trigger)).toEqual([before] as never);
  db.close();
  const [then, now] = [older.manifest, takeBackup({ ...w.options, now: () => new Date("2026-11-21T09:00:00.000Z") })];
  expect(now.manifest.warnings).toEqual([]);
  expect(now.manifest.journals).toEqual(then.journals);
});

/** Puts an event back as the guide says. */
function putBack(file: string, backup: string, seq: number): void {
  const guide = readFileSync(join(import.meta.dir, "../../../docs/troubleshooting.md"), "utf8");
  const [, script = ""] = /sqlite3 \S+\/identity\.db <<'SQL'\n([\s\S]+?)\n\s*SQL/.exec(guide) ?? [];
  using db = new Database(file);
  db.run(script.replaceAll("BACKUP/identity.db", backup).replaceAll("17", String(seq)));
}

test("a damaged database is not taken for a backup, and nothing is left of the try", async () => {
  await using w = await world();
  const bytes = await Bun.file(w.file("projects")).bytes();
  bytes.fill(0x5a, 20_000, 60_000);
  writeFileSync(w.file("projects"), bytes);
  const damaged = w.backup(["--to", w.options.to]);
  expect(damaged).toEqual({ code: 1, text: expect.stringContaining("projects.db") });
  writeFileSync(w.file("projects"), "");
  expect(w.backup(["--to", w.options.to])).toEqual({ code: 1, text: expect.stringContaining("projects.db") });
  rmSync(w.file("projects"));
  expect(w.backup(["--to", w.options.to])).toEqual({ code: 1, text: expect.stringContaining("There is no database") });
  expect(readdirSync(w.options.to).filter((name) => name !== ".lock")).toEqual([]);
});

test("older backups that need not be kept are deleted, and so is what an interrupted run has left", async () => {
  await using w = await world();
  let day = Date.parse("2026-11-01T09:00:00.000Z");
  const take = () => {
    day += 86_400_000;
    return takeBackup({ ...w.options, now: () => new Date(day) });
  };
  const other = join(w.options.to, take().folder.split("/").at(-1) ?? "");
  const manifest = await Bun.file(join(other, "manifest.json")).json();
  manifest.journals.identity.journal_id = "of another installation";
  writeFileSync(join(other, "manifest.json"), JSON.stringify(manifest));
  for (let n = 0; n < 20; n++) take();
  const names = () =>
    readdirSync(w.options.to)
      .filter((name) => name !== ".lock")
      .sort();
  // 22 November is a Sunday: seven days, and the Sundays before.
  const days = ["02", "08", "15", "16", "17", "18", "19", "20", "21", "22"];
  expect(names().map((name) => name.slice(8, 10))).toEqual(days);
  expect(existsSync(other)).toBe(true);
  await Bun.write(join(w.options.to, "2026-11-22T10-00-00-000Z.unfinished", "identity.db"), "x");
  expect(take().removed).toHaveLength(1);
  expect(names()).toHaveLength(days.length);
});

test.each([
  ["backup", ["more"], "bun run backup [--to DIR]"],
  ["backup", ["--loud"], "Unknown option '--loud'"],
  ["restore", [], "Name the folder of one backup."],
  ["restore", ["/nowhere"], "There is no folder /nowhere."],
] as const)("%s %j is refused with a sentence", async (name, args, said) => {
  await using w = await world();
  expect(w[name](args)).toEqual({ code: 1, text: expect.stringContaining(said) });
});

test("a database at a server is backed up there", async () => {
  await using w = await world();
  const { code, text } = w.backup([], { PROJECTS_DATABASE_URL: "http://127.0.0.1:1" });
  expect([code, text]).toEqual([1, expect.stringContaining("The database of projects is at a server")]);
});

test("of two backups at once into one folder, one says that the other is being made", async () => {
  await using w = await world();
  const lock = lockDataDir(w.options.to);
  expect(w.backup(["--to", w.options.to])).toEqual({
    code: 1,
    text: `Another backup is being made in ${w.options.to}; try again when it is done.`,
  });
  lock.release();
  expect(w.backup(["--to", w.options.to]).code).toBe(0);
});

async function idOf(path: string): Promise<unknown> {
  const db = await openDatabase(`file:${path}`);
  const [row] = await db.query(sql`select journal_id from journal_identity`);
  db.close();
  return row?.["journal_id"];
}
