import { expect, test } from "bun:test";
import { Standstills } from "@stoa/bus";
import { damage, damageKinds, eventually, kindsOfDamage, silent } from "@stoa/testing";
import { fannedOutTo, fanOut } from "./fan-out.ts";
import { startWebhooks } from "./start-bun.ts";
import { startScene } from "./test/scene.ts";

test.each(kindsOfDamage)(
  "%s: nothing after the event is sent, which is said, and all is sent once it is repaired",
  async (kind) => {
    await using scene = await startScene();
    await scene.hook("apollo", "http://a");
    for (let n = 0; n < 4; n++) await scene.happen("apollo");
    const repair = await damage(scene.db, 3, kind);
    const standstills = new Standstills(silent);
    const standstill = standstills.of("webhooks", "the webhooks of projects");
    const stop = startWebhooks(scene.deps, { log: silent, standstill, everyMs: 5, graceMs: 50 });
    await eventually(() => scene.sent.length === 2 && standstills.reasons().length === 1);
    const [reason] = standstills.reasons();
    expect(reason?.part).toBe("webhooks");
    expect(reason?.reason).toContain("Event 3 of projects");
    expect(reason?.reason).toContain(damageKinds[kind].says);
    expect(reason?.reason).toContain("It stops the webhooks of projects after event 2.");
    expect(await fannedOutTo(scene.db)).toBe(2);
    await repair();
    await eventually(() => scene.sent.length === 4);
    expect(standstills.reasons()).toEqual([]);
    await stop();
  },
);

test("an event that is damaged after it was fanned out is a failed attempt, whose log line names it", async () => {
  await using scene = await startScene();
  await scene.hook("apollo", "http://a");
  await scene.happen("apollo");
  const warned: unknown[] = [];
  const log = { ...silent, warn: (fields: object) => void warned.push("err" in fields && String(fields.err)) };
  while (await fanOut(scene.deps));
  await damage(scene.db, 1, "no JSON");
  const stop = startWebhooks(scene.deps, { log, everyMs: 5, graceMs: 50 });
  await eventually(() => warned.length > 0);
  expect(warned[0]).toContain("DamagedEvent: Event 1 of projects (project.trashed,");
  await eventually(async () => (await scene.deliveries())[0]?.["attempts"] === 1);
  expect(scene.sent).toEqual([]);
  await stop();
});
