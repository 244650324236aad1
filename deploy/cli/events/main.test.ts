import { expect, test } from "bun:test";
import { join } from "node:path";
import { connectNats } from "@stoa/bus/nats";
import { raw, sql } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import { journalId } from "@stoa/journal";
import { eventually, rowsOf, silent, startNats, temporaryDirectory } from "@stoa/testing";
import { run } from "./main.ts";
import { cursor, enabled, parked, world } from "./test/folder.ts";

test("replay applies the parked events and says how many are left", async () => {
  await using w = await world();
  const db = await w.open("messaging");
  await db.write([parked(2, enabled(2), false), parked(3, enabled(3), true), cursor(3)]);
  db.close();
  expect(await w.events("replay", "messaging")).toEqual({ code: 0, text: "messaging  applied 2, 0 still parked" });
});

test("replay exits with 1 and names the events that still fail", async () => {
  await using w = await world();
  const db = await w.open("messaging");
  await db.write([parked(2, { ...enabled(2), data: null }, false), parked(3, enabled(3), true), cursor(3)]);
  db.close();
  const { code, text } = await w.events("replay", "messaging");
  expect(code).toBe(1);
  expect(text).toStartWith("messaging  applied 0, 2 still parked\n           identity 2 user.enabled: TypeError");
});

test("rebuild puts right what is wrong in the projections, and says what that was", async () => {
  await using w = await world();
  await w.happen(3);
  const identity = await w.open("identity");
  const journal = await journalId(identity);
  identity.close();
  const db = await w.open("messaging");
  await db.write([
    cursor(3, journal),
    sql`insert into memberships (project_id, user_id, role) values ('project-1', 'user-1', 'owner')`,
  ]);
  // That user-1 was enabled lately is remembered too, and was not applied.
  const lines = (wrong: string) => [
    "messaging  directory, the users: nothing was wrong",
    `messaging  memberships, the members of projects: ${wrong}`,
    "messaging  organization_members, the members of organizations: nothing was wrong",
    "messaging  projects, the projects: nothing was wrong",
    "messaging  work_events, the last events of projects: nothing was wrong",
    "messaging  tasks, the tasks: nothing was wrong",
    "messaging  task_assignees, who is assigned to tasks: nothing was wrong",
    `messaging  revocations, revoked sessions, keys and rights: ${wrong}`,
  ];
  expect(await w.events("rebuild", "messaging")).toEqual({
    code: 0,
    text: lines("1 row was put right").join("\n"),
  });
  expect(await db.query(sql`select source, seq, reacted from cursors`)).toEqual([
    { source: "identity", seq: 3, reacted: 3 },
  ]);
  expect(await db.query(sql`select 1 from memberships`)).toEqual([]);
  const went = "messaging  it goes on when Stoa starts, after event 2 of identity";
  expect(await w.events("rebuild", "messaging", "--reacted", "identity=2")).toEqual({
    code: 0,
    text: [...lines("nothing was wrong"), went].join("\n"),
  });
  expect(await db.query(sql`select seq, reacted from cursors`)).toEqual([{ seq: 2, reacted: 2 }]);
  expect(await w.events("rebuild", "messaging", "--reacted", "identity=7")).toEqual({
    code: 1,
    text: "The events of identity end at 3, but event 7 was applied.",
  });
  db.close();
});

test.each([
  [["rebuild"], "Name the service to rebuild."],
  [["rebuild", "identity"], "identity follows no other service"],
  [["rebuild", "people"], "There is no service people; the services are identity, projects, messaging."],
  [["rebuild", "messaging", "--reacted", "identity"], "--reacted takes SOURCE=N, such as identity=480, not identity."],
  [["rebuild", "--stream", "identity"], "There is no stream: NATS_URL is not set"],
  [["accept"], "Name the service that was restored."],
  [["provision"], "There is nothing to provision: NATS_URL is not set."],
  [["explode"], "bun run events <command>"],
  [["status", "--loud"], "Unknown option '--loud'"],
])("%j is refused with a sentence", async (args, sentence) => {
  await using w = await world();
  const { code, text } = await w.events(...args);
  expect(code).toBe(1);
  expect(text).toContain(sentence);
});

test("--help shows the commands", async () => {
  await using w = await world();
  expect(await w.events("--help")).toMatchObject({ code: 0, text: expect.stringContaining("replay [SERVICE]") });
});

test("an error names the service whose database is missing", async () => {
  await using folder = await temporaryDirectory("events-cli");
  const lines: string[] = [];
  expect(await run(["rebuild", "messaging"], { DATA_DIR: folder.path }, (line) => lines.push(line))).toBe(1);
  expect(lines).toEqual(["There is no database of messaging here; set MESSAGING_DATABASE_URL."]);
});

test("while Stoa runs, status works, and what changes events says that it must be stopped", async () => {
  await using w = await world();
  using _lock = lockedFolder(w.path);
  expect((await w.events("status")).code).toBe(0);
  for (const command of [["replay"], ["rebuild", "messaging"]]) {
    const { code, text } = await w.events(...command);
    expect([code, text]).toEqual([1, expect.stringContaining("events status` shows")] as never);
  }
});

function lockedFolder(path: string): Disposable {
  const lock = lockDataDir(path);
  return { [Symbol.dispose]: () => lock.release() };
}

test("a database or a NATS server that does not answer is reported in a sentence", async () => {
  await using w = await world({ NATS_URL: "nats://user:secret@127.0.0.1:1" });
  const { code, text } = await w.events("status");
  expect(code).toBe(1);
  expect(text).toBe("NATS does not answer at NATS_URL; check its address and user, then run this again.");
  const lines: string[] = [];
  await run(["status"], { IDENTITY_DATABASE_URL: "http://127.0.0.1:1" }, (line) => lines.push(line));
  expect(lines).toEqual([
    "identity   The database at 127.0.0.1:1 does not answer; check its address and token, then run this again.",
  ]);
}, 15_000);

test("with NATS, provision creates the streams, rebuild --stream fills one, and a forked stream is recognized", async () => {
  await using server = await startNats();
  await using w = await world({ NATS_URL: server.url });
  expect((await w.events("provision")).text).toBe("IDENTITY   created\nPROJECTS   created\nMESSAGING  created");
  expect((await w.events("provision")).text).toContain("IDENTITY   exists");
  await w.happen(20);
  expect(await w.events("status", "identity")).toEqual({ code: 1, text: "identity   journal 20, stream 0" });
  expect(await w.events("rebuild", "--stream", "identity")).toEqual({ code: 0, text: "IDENTITY   holds 20 events" });
  expect(await w.events("status")).toMatchObject({ code: 0 });

  // A backup of 12 rows is restored, and then other events are appended.
  const db = await w.open("identity");
  const [before] = await rowsOf<{ journal_id: string }>(db, sql`select journal_id from journal_identity`);
  const trigger = sql`select sql from sqlite_master where name = 'journal_refuses_delete'`;
  const [{ sql: text } = { sql: "" }] = await rowsOf<{ sql: string }>(db, trigger);
  await db.write([sql`drop trigger journal_refuses_delete`, sql`delete from journal where seq > 12`, raw(text)]);
  await w.happen(3);
  const transport = connectNats({ servers: server.url, name: "identity", log: silent });
  const relay = transport.relay({ service: "identity", db });
  await eventually(() => relay.status().stopped?.includes("is ahead of the journal"));
  const rebuilt = await w.events("rebuild", "--stream", "identity");
  expect(rebuilt.text).toContain("IDENTITY   holds 15 events");
  expect(rebuilt.text).toContain("bun run events rebuild <service> --reacted identity=12");
  const [after] = await rowsOf<{ journal_id: string }>(db, sql`select journal_id from journal_identity`);
  expect(after?.journal_id).not.toBe(before?.journal_id);
  await eventually(() => relay.status().stopped === undefined);
  await relay.stop();
  await transport.close();
  db.close();
}, 20_000);

test("what is wrong with the arguments is named", async () => {
  await using w = await world();
  expect((await w.events("acept", "identity")).text).toStartWith("There is no command acept.");
  expect((await w.events("accept", "identity", "projects")).text).toStartWith("accept takes one service.");
});

test("accept of a service that nobody follows says that there is nothing to rebuild", async () => {
  await using w = await world();
  expect(await w.events("accept", "messaging")).toEqual({
    code: 0,
    text: "messaging  no service follows it, so nothing is rebuilt",
  });
});

test("the operator's user of NATS makes every stream again; a service's user is told that it may not", async () => {
  const file = await Bun.file(join(import.meta.dir, "../../nats/nats.conf")).text();
  const config = file.replace(/^(listen|http):.*$/gm, "").replace(/jetstream \{[^}]*\}/, "");
  const users = ["identity", "projects", "messaging", "operator"];
  const env = Object.fromEntries(users.map((name) => [`${name.toUpperCase()}_NATS_PASSWORD`, `s${name}`]));
  await using server = await startNats({ config, env });
  const as = (name: string) => ({ NATS_URL: server.url.replace("//", `//${name}:s${name}@`) });
  await using w = await world(as("operator"));
  expect((await w.events("provision")).text).toBe("IDENTITY   created\nPROJECTS   created\nMESSAGING  created");
  await w.happen(3);
  expect(await w.events("rebuild", "--stream", "identity")).toEqual({ code: 0, text: "IDENTITY   holds 3 events" });

  const lines: string[] = [];
  expect(await run(["status"], { ...w.env, ...as("projects") }, (line) => lines.push(line))).toBe(0);
  const refused = await run(["rebuild", "--stream", "identity"], { ...w.env, ...as("projects") }, (line) =>
    lines.push(line),
  );
  expect([refused, lines.at(-1)]).toEqual([
    1,
    expect.stringMatching(
      /^The user of NATS_URL has no right to do this \(Permissions Violation for .*the user operator/,
    ),
  ] as never);
}, 20_000);
