import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append, journalId } from "@stoa/journal";
import { damage, damageKinds, kindsOfDamage } from "@stoa/testing";
import { cursor, enabled, parked, world } from "./test/folder.ts";

test.each(kindsOfDamage)("%s in a journal: status names who stands before it and ends with 1", async (kind) => {
  await using w = await world();
  await w.happen(6);
  const identity = await w.open("identity");
  const repair = await damage(identity, 4, kind);
  const journal = await journalId(identity);
  const db = await w.open("messaging");
  await db.write([cursor(2, journal)]);
  const { code, text } = await w.events("status");
  expect(code).toBe(1);
  expect(text).toContain("applied 2 from identity, 4 behind, 0 parked");
  // Projects has applied nothing so far.
  for (const consumer of ["projects", "messaging"]) {
    const [line, ...more] = text.split("\n").filter((each) => each.includes(`It stops ${consumer} after event 3.`));
    expect(more).toEqual([]);
    expect(line).toContain("Event 4 of identity");
    expect(line).toContain(damageKinds[kind].says);
  }
  expect((await w.events("status", "messaging")).code).toBe(1);
  await repair();
  expect((await w.events("status")).code).toBe(0);
  identity.close();
  db.close();
});

test("an event that everybody has read is named when it is a recent one; an old one, when whole journals are looked at", async () => {
  await using w = await world();
  await w.happen(10_003);
  const identity = await w.open("identity");
  const [old, recent] = [await damage(identity, 2, "no JSON"), await damage(identity, 10_000, "no time")];
  const journal = await journalId(identity);
  for (const service of ["projects", "messaging"]) {
    const db = await w.open(service);
    await db.write([cursor(10_003, journal)]);
    db.close();
  }
  const first = await w.events("status");
  expect([
    first.code,
    first.text.includes("Event 10000 of identity"),
    first.text.includes("Event 2 of identity"),
  ]).toEqual([1, true, false]);
  await recent();
  expect((await w.events("status")).code).toBe(0);
  const whole = await w.events("status", "--all");
  expect([whole.code, whole.text.includes("Event 2 of identity (user.enabled,")]).toEqual([1, true]);
  await old();
  expect((await w.events("status", "--all")).code).toBe(0);
  identity.close();
});

test("status names the webhooks and the reports that stand before an event of their own journal", async () => {
  await using w = await world();
  const db = await w.open("projects");
  const told = (n: number) =>
    append(system, {
      type: "project.trashed",
      aggregate_id: "p",
      time: new Date().toISOString(),
      data: { project_id: "p", name: "Apollo", version: n },
    }).statement;
  await db.write([1, 2, 3, 4].map(told));
  await db.write([
    sql`insert into webhooks (id, scope_id, url, events, secret, since_seq, creator_id, created_at)
      values ('h', 'p', 'https://a.example', '[]', '', 1, 'ada', '')`,
  ]);
  await damage(db, 3, "no subject");
  db.close();
  const { code, text } = await w.events("status", "projects");
  expect(code).toBe(1);
  for (const consumer of ["the webhooks of projects", "the reports of projects"]) {
    expect(text).toContain(`It stops ${consumer} after event 2.`);
  }
});

test("rebuild and accept name the event that they cannot read and who needs it, and change nothing", async () => {
  await using w = await world();
  await w.happen(5);
  const identity = await w.open("identity");
  const journal = await journalId(identity);
  await damage(identity, 2, "another shape");
  const db = await w.open("messaging");
  await db.write([cursor(5, journal)]);
  const rebuilt = await w.events("rebuild", "messaging");
  expect(rebuilt).toEqual({
    code: 1,
    text: expect.stringContaining("It stops the rebuild of messaging after event 1."),
  });
  await db.write([sql`update cursors set seq = 5, prev = 5, event_id = 'another' where source = 'identity'`]);
  const accepted = await w.events("accept", "identity");
  expect([accepted.code, accepted.text.split("\n").at(-1)]).toEqual([
    1,
    expect.stringContaining("Event 2 of identity (user.enabled,"),
  ] as never);
  expect(await db.query(sql`select seq from cursors`)).toEqual([{ seq: 5 }]);
  identity.close();
  db.close();
});

test("replay names a parked event whose envelope cannot be read", async () => {
  await using w = await world();
  const db = await w.open("messaging");
  await db.write([parked(2, enabled(2), false), cursor(3), sql`update dead_letters set envelope = '{'`]);
  db.close();
  const { code, text } = await w.events("replay", "messaging");
  expect(code).toBe(1);
  expect(text).toContain("identity 2 user.enabled: dead_letters.envelope (1) is damaged: no JSON.");
});
