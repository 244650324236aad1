import { afterEach, beforeEach, expect, test } from "bun:test";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, raw } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import { readMigrations } from "@stoa/db/migrations/read";
import { startProcess, startSqld, type TemporaryDirectory, temporaryDirectory, userEnabled } from "@stoa/testing";
import { addOlderIndex } from "@stoa/testing/older-index";
import { run } from "./main.ts";
import { targetOf } from "./target.ts";

const tags = readMigrations("projects").map(({ tag }) => tag);
let data: TemporaryDirectory;

beforeEach(async () => {
  data = await temporaryDirectory("cli");
});

afterEach(() => data[Symbol.asyncDispose]());

/** Runs `bun run db` on the folder's files, or on other databases by `env`. */
async function bunRunDb(words: string, env: Record<string, string> = {}) {
  const lines = { out: [] as string[], err: [] as string[] };
  const print = (line: string, error: boolean) => void lines[error ? "err" : "out"].push(line);
  const code = await run(words.split(" "), { DATA_DIR: data.path, ...env }, print);
  return { code, out: lines.out.join("\n"), err: lines.err.join("\n") };
}

test("migrate applies all migrations of every service, and nothing the second time", async () => {
  const first = await bunRunDb("migrate");
  expect(first).toMatchObject({ code: 0, err: "" });
  for (const tag of tags) expect(first.out).toContain(`projects   applied ${tag}`);
  expect(first.out).toContain("identity   applied 0000_initial");
  expect((await bunRunDb("migrate -s projects")).out).toBe("projects   nothing to apply");
});

test("migrate makes the secret key of a new folder, so that Stoa starts in it afterwards, and of no other", async () => {
  await bunRunDb("migrate", { SECRET_KEY: "s".repeat(32) });
  const key = join(data.path, "secret_key");
  expect(existsSync(key)).toBe(false);
  // Databases are there now, whose key may be the one that was set.
  await bunRunDb("migrate");
  expect(existsSync(key)).toBe(false);
  for (const [name, env, made] of [
    ["new", {}, true],
    ["production", { ENVIRONMENT: "production" }, false],
    ["with NATS", { NATS_URL: "nats://127.0.0.1:1" }, false],
    ["elsewhere", { IDENTITY_DATABASE_URL: `file:${data.path}/else/identity.db` }, false],
  ] as const) {
    const folder = join(data.path, name);
    expect(await bunRunDb("migrate", { ...env, DATA_DIR: folder })).toMatchObject({ code: 0 });
    expect([name, existsSync(join(folder, "secret_key"))]).toEqual([name, made]);
  }
});

test("migrate makes no database beside others that are not new, unless it is told to", async () => {
  await bunRunDb("migrate");
  const identity = await openDatabase(targetOf("identity", { DATA_DIR: data.path }).url);
  const projects = join(data.path, "projects.db");
  rmSync(projects);
  // Nothing has happened yet, so nothing is lost.
  expect((await bunRunDb("migrate")).code).toBe(0);
  await identity.write([userEnabled()]);
  identity.close();
  rmSync(projects);
  const refused = {
    code: 1,
    out: "",
    err: `${projects} is not there, and identity.db beside it is not new. Put a backup in its place, or add --accept-new to begin an empty one.`,
  };
  for (const words of ["migrate", "migrate -s projects", "generate -s projects --migrate"]) {
    expect([words, await bunRunDb(words)]).toEqual([words, refused]);
  }
  expect(existsSync(projects)).toBe(false);
  expect(await bunRunDb("migrate -s messaging")).toMatchObject({ code: 0, out: "messaging  nothing to apply" });
  expect((await bunRunDb("migrate --accept-new")).out).toContain("projects   applied 0000_initial");
});

test("status says what has run and what has not", async () => {
  expect((await bunRunDb("status -s projects")).out).toContain("0000_initial             not applied");
  await bunRunDb(`migrate -s projects --to ${tags[0]}`);
  const { code, out } = await bunRunDb("status -s projects");
  expect(code).toBe(0);
  expect(out).toMatch(/0000_initial +applied 20\d\d-/);
  expect(out).toMatch(/0001_triggers +not applied/);
});

test("rollback undoes the newest, or all after a tag", async () => {
  await bunRunDb("migrate -s projects");
  expect((await bunRunDb(`rollback -s projects --to ${tags[0]}`)).out).toContain(`undid ${tags[1]}`);
  expect((await bunRunDb("rollback -s projects")).out).toBe(`projects   undid ${tags[0]}`);
  expect((await bunRunDb("rollback -s projects")).out).toBe("projects   nothing to undo");
});

test("list names the migrations", async () => {
  expect((await bunRunDb("list -s projects")).out).toBe(tags.map((tag) => `projects   ${tag}`).join("\n"));
});

test("generate writes nothing while tables and migrations agree, and can migrate at once", async () => {
  const { code, out } = await bunRunDb("generate -s projects --migrate");
  expect(code).toBe(0);
  expect(out).toContain("projects   tables and migrations agree");
  expect(out).toContain(`projects   applied ${tags[0]}`);
});

test("check finds nothing after migrate, and says what is wrong before it and after a change by hand", async () => {
  expect(await bunRunDb("check -s projects")).toMatchObject({
    code: 1,
    out: expect.stringContaining("0000_initial has not run; run `bun run db migrate -s projects`."),
  });
  await bunRunDb("migrate -s projects");
  expect(await bunRunDb("check -s projects")).toEqual({ code: 0, out: "projects   in order", err: "" });

  const db = await openDatabase(targetOf("projects", { DATA_DIR: data.path }).url);
  await db.write(["alter table members add column extra", "drop trigger journal_refuses_delete"].map(raw));
  db.close();
  const { code, out } = await bunRunDb("check -s projects");
  expect(code).toBe(1);
  expect(out).toContain("table members in the database differs from what the migrations create.");
  expect(out).toContain("trigger journal_refuses_delete is missing.");
});

test("edited and unknown migrations are reported, and migrate refuses to run", async () => {
  await bunRunDb("migrate -s projects");
  const db = await openDatabase(targetOf("projects", { DATA_DIR: data.path }).url);
  await db.write([raw("update migrations set hash = 'x' where tag = '0000_initial'")]);
  expect((await bunRunDb("check -s projects")).out).toContain("0000_initial was edited after it had been applied.");
  expect(await bunRunDb("status -s projects")).toMatchObject({ code: 1, out: expect.stringContaining("(edited)") });
  await db.write([
    raw("delete from migrations where tag = '0000_initial'"),
    raw("insert into migrations values ('0099_future', 'x', 'then')"),
  ]);
  expect((await bunRunDb("check -s projects")).out).toContain("The database has run 0099_future, which is not here.");
  const refused = await bunRunDb("migrate -s projects");
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("which this version does not know");
  db.close();
});

test("status names a database that was lost beside others, after the migrations of all, and exits with 1", async () => {
  await bunRunDb("migrate");
  const identity = await openDatabase(targetOf("identity", { DATA_DIR: data.path }).url);
  const projects = join(data.path, "projects.db");
  rmSync(projects);
  // Nothing has happened yet, so nothing is lost.
  expect((await bunRunDb("status")).code).toBe(0);
  await identity.write([userEnabled()]);
  identity.close();
  const without = await bunRunDb("status");
  const cure = "Put a backup in its place, or run `bun run db migrate --accept-new` to begin an empty one.";
  expect([without.code, without.err]).toEqual([
    1,
    `${projects} is not there, and identity.db beside it is not new. ${cure}`,
  ]);
  expect(without.out).toContain("messaging  0000_initial             applied");
  const empty = await openDatabase(`file:${projects}`);
  await empty.write([raw("create table a (b)"), raw("drop table a")]);
  empty.close();
  expect((await bunRunDb("status")).err).toStartWith(
    `${projects} has no tables, and identity.db beside it is not new.`,
  );
  expect(existsSync(projects)).toBe(true);
});

test("status finds a damaged page that nobody has read, and names the file", async () => {
  await bunRunDb("migrate");
  const path = join(data.path, "messaging.db");
  const db = await openDatabase(`file:${path}`);
  const [page] = await db.query(raw("select rootpage from sqlite_master where name = 'notifications'"));
  await db.query(raw("pragma wal_checkpoint(truncate)"));
  db.close();
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(4_096, 0x5a), 0, 4_096, (Number(page?.["rootpage"]) - 1) * 4_096);
  closeSync(file);
  const { code, out } = await bunRunDb("status");
  expect(code).toBe(1);
  const lines = out.split("\n").filter((line) => !/applied \d{4}/.test(line));
  expect(lines).toEqual([
    expect.stringMatching(/^messaging {2}\S+messaging\.db is damaged \(.+\); put a backup of it in its place\.$/),
  ] as never);
});

test("status calls a database whole that has empty pages in a search index of an older SQLite", async () => {
  await bunRunDb("migrate");
  await addOlderIndex(join(data.path, "messaging.db"));
  const { code, out } = await bunRunDb("status");
  expect([code, out]).toEqual([0, expect.not.stringContaining("damaged")]);
});

test("while Stoa runs, status works and its files stay locked: one line says so and which route to ask", async () => {
  const script = `import { lockDataDir } from "@stoa/db/file-lock"; lockDataDir(${JSON.stringify(data.path)});
    console.log("locked"); setInterval(() => 0, 1000);`;
  await using _stoa = await startProcess([process.execPath, "-e", script], {
    cwd: import.meta.dir,
    ready: (output) => output.includes("locked"),
  });
  expect(await bunRunDb("status")).toMatchObject({ code: 0, err: "" });
  for (const command of ["migrate", "rollback", "check"]) {
    const { code, err } = await bunRunDb(command);
    expect(code).toBe(1);
    expect(err).toStartWith(`Stoa is already running in ${data.path}; stop it first`);
    expect(err).toContain("GET /health/ready");
    expect(err).not.toContain("\n");
  }
});

test("the lock is free again after each command", async () => {
  await bunRunDb("migrate");
  await bunRunDb("nothing");
  lockDataDir(data.path).release();
});

test("a database over HTTP is migrated without a lock", async () => {
  await using sqld = await startSqld();
  const lock = lockDataDir(data.path);
  const env = { PROJECTS_DATABASE_URL: sqld.url };
  expect((await bunRunDb("migrate -s projects", env)).out).toContain(`applied ${tags.at(-1)}`);
  expect(await bunRunDb("check -s projects", env)).toMatchObject({ code: 0 });
  lock.release();
});

test("a database that does not answer is reported in a sentence with its host, and without what is secret", async () => {
  const env = {
    PROJECTS_DATABASE_URL: "http://127.0.0.1:1/secret?authToken=secret",
    PROJECTS_DATABASE_AUTH_TOKEN: "secret",
  };
  expect(await bunRunDb("migrate -s projects", env)).toEqual({
    code: 1,
    out: "",
    err: "The database at 127.0.0.1:1 does not answer; check its address and token, then run this again.",
  });
  expect(await bunRunDb("check -s projects", env)).toMatchObject({
    code: 1,
    out: "projects   The database does not answer (unavailable).",
  });
});

test.each([
  ["", "projects.db is empty (0 bytes), so its data is lost; put a backup in its place, or delete it."],
  ["no database at all".repeat(100), "projects.db is damaged, or is no SQLite database"],
])("a file that is empty or damaged is named in one line, and stays as it is", async (content, line) => {
  const file = join(data.path, "projects.db");
  writeFileSync(file, content);
  for (const command of ["status", "migrate", "rollback"]) {
    const { code, err } = await bunRunDb(`${command} -s projects`);
    expect(code).toBe(1);
    expect(err).toContain(line);
    expect(err).not.toContain("\n");
  }
  expect(readFileSync(file, "utf8")).toBe(content);
});

test.each([
  ["nonsense", "bun run db <command>"],
  ["migrate twice", "bun run db <command>"],
  ["migrate --nope", "Unknown option '--nope'"],
  ["migrate -s billing", "There is no service billing; the services are identity, projects, messaging."],
  ["migrate -s projects --to 0042_no", "There is no migration 0042_no."],
  ["generate -s projects --custom", "generate --custom needs --name."],
])("`%s` is refused with a sentence", async (words, sentence) => {
  const { code, err, out } = await bunRunDb(words);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain(sentence);
});

test("what is no command is named", async () => {
  expect((await bunRunDb("migrat")).err).toStartWith("There is no command migrat.");
});

test("a folder that the user may not look into is reported in a sentence", async () => {
  // Root may look everywhere, so a file stands where the folder should be.
  const file = join(data.path, "file");
  await Bun.write(file, "");
  const { code, err } = await bunRunDb("status -s projects", { DATA_DIR: file });
  expect([code, err]).toEqual([1, expect.stringMatching(/^\S+projects\.db cannot be looked at \(ENOTDIR.*\)\.$/)]);
});

test("--help prints the usage and exits with 0", async () => {
  expect(await bunRunDb("--help")).toMatchObject({ code: 0, err: "" });
});

test("each service's database is where its variables say, by default a file in DATA_DIR", () => {
  expect(targetOf("identity", {})).toEqual({ url: "file:./data/identity.db", authToken: undefined });
  expect(targetOf("messaging", { DATA_DIR: join("a", "b"), MESSAGING_DATABASE_URL: "" }).url).toBe(
    "file:a/b/messaging.db",
  );
  expect(targetOf("projects", { PROJECTS_DATABASE_URL: "libsql://x", PROJECTS_DATABASE_AUTH_TOKEN: "t" })).toEqual({
    url: "libsql://x",
    authToken: "t",
  });
});
