import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import { kinds } from "../notifications/kinds.ts";
import type { Notification } from "../notifications/schema.ts";
import { group } from "../test/group.ts";
import { serve } from "../test/service.ts";
import { createWorld } from "../test/world.ts";
import type { Preferences } from "./schema.ts";

const path = "/notifications/preferences";
const asNobodyChose = { kinds: Object.fromEntries(kinds.map((kind) => [kind, "in_app"])), quiet_hours: null };
const quiet_hours = { from: "22:00", to: "07:00", tz: "Europe/Berlin" };

describe("200", () => {
  test("whoever never chose anything is notified of everything in the app, and has no quiet hours", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    const { status, json } = await service.call<Preferences>(ann, "GET", path);
    expect([status, json as object]).toEqual([200, asNobodyChose]);
    expect(Object.keys(json.kinds)).toEqual([
      "assigned",
      "mentioned",
      "replied",
      "invited",
      "added",
      "commented",
      "due_soon",
      "overdue",
    ]);
  });

  test.each(["PATCH", "PUT"])("%s changes what is sent, and null takes it back", async (method) => {
    await using world = await createWorld();
    await using service = await serve(world);
    const [ann, bob] = await world.people("ann", "bob");
    const change = async (body: object) => {
      const { status, json } = await service.call<Preferences>(ann, method, path, body);
      expect([status, (await service.call<Preferences>(ann, "GET", path)).json]).toEqual([200, json]);
      return json;
    };
    const some = { ...asNobodyChose.kinds, mentioned: "email", assigned: "none" };
    expect(await change({ kinds: { mentioned: "email", assigned: "none" } })).toEqual({
      kinds: some as Preferences["kinds"],
      quiet_hours: null,
    });
    expect((await change({ quiet_hours })).quiet_hours).toEqual(quiet_hours);
    expect(await change({ quiet_hours: { to: "08:30" }, kinds: { assigned: null } })).toEqual({
      kinds: { ...some, assigned: "in_app" } as Preferences["kinds"],
      quiet_hours: { ...quiet_hours, to: "08:30" },
    });
    expect((await change({ quiet_hours: null })).quiet_hours).toBeNull();
    expect((await service.call<Preferences>(bob, "GET", path)).json as object).toEqual(asNobodyChose);
  });

  test("what changes nothing writes nothing, and what was read can be sent back", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    await service.call(ann, "PATCH", path, { quiet_hours });
    const { json } = await service.call<Preferences>(ann, "GET", path);
    expect((await service.call<Preferences>(ann, "PUT", path, json)).json).toEqual(json);
    await service.call(ann, "PATCH", path, {});
    expect(await world.events()).toEqual(["notification.preferences_changed"]);
  });

  test("of many changes at once none is lost", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    const answers = await Promise.all(
      kinds.map((kind) => service.call(ann, "PATCH", path, { kinds: { [kind]: "none" } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(kinds.map(() => 200));
    const { json } = await service.call<Preferences>(ann, "GET", path);
    expect(Object.values(json.kinds)).toEqual(kinds.map(() => "none" as const));
  });
});

describe("422", () => {
  test.each([
    ["another channel", { kinds: { mentioned: "sms" } }, "/kinds/mentioned"],
    ["another kind", { kinds: { shouted: "email" } }, "/kinds/shouted"],
    ["another field", { theme: "dark" }, "/theme"],
    ["kinds of another type", { kinds: "none" }, "/kinds"],
    ["an hour that no day has", { quiet_hours: { ...quiet_hours, from: "24:00" } }, "/quiet_hours/from"],
    ["an hour without minutes", { quiet_hours: { ...quiet_hours, to: "7" } }, "/quiet_hours/to"],
    ["a zone that is none", { quiet_hours: { ...quiet_hours, tz: "Mars/Olympus" } }, "/quiet_hours/tz"],
    ["a field too many", { quiet_hours: { ...quiet_hours, days: [1] } }, "/quiet_hours/days"],
    ["a field too few", { quiet_hours: { from: "22:00", to: "07:00" } }, "/quiet_hours/tz"],
    ["hours that never end", { quiet_hours: { ...quiet_hours, to: "22:00" } }, "/quiet_hours/to"],
  ])("for %s", async (_, body, at) => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    expect(await service.call(ann, "PATCH", path, body)).toMatchObject({
      status: 422,
      json: { error_code: "validation_failed", errors: [{ path: at }] },
    });
    expect(await world.events()).toEqual([]);
  });
});

test("who wants to know nothing of a kind is not notified of it; the mention counts all the same", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { service, conversation } = await group(world, ann, bob);
  await using _ = service;
  const send = (content: string) =>
    service.call(ann, "POST", `/conversations/${conversation.id}/messages`, { content });
  await service.call(bob, "PATCH", path, { kinds: { mentioned: "none", added: "none" } });
  await send("@bob one");
  const list = async () => (await service.call<{ items: Notification[] }>(bob, "GET", "/notifications")).json.items;
  expect((await list()).map(({ kind }) => kind)).toEqual(["added"]);
  expect((await service.call(bob, "GET", `/conversations/${conversation.id}`)).json).toMatchObject({ mentions: 1 });
  await service.call(bob, "PATCH", path, { kinds: { mentioned: "email" } });
  await send("@bob two");
  expect((await list()).map(({ kind }) => kind)).toEqual(["mentioned", "added"]);
});

test("what an erased user chose goes", async () => {
  await using world = await createWorld();
  await using service = await serve(world);
  const [ann, bob] = await world.people("ann", "bob");
  for (const one of [ann, bob]) await service.call(one, "PATCH", path, { quiet_hours });
  await world.apply("user.erased", { user_id: ann.user_id, session_ids: [] });
  expect(await rowsOf(world.db, sql`select user_id from notification_preferences`)).toEqual([{ user_id: bob.user_id }]);
});
