import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { atEveryStep, intercepted, rowsOf } from "@stoa/testing";
import { fanOut } from "./fan-out.ts";
import { giveUp } from "./give-up.ts";
import { startScene } from "./test/scene.ts";

describe("fanning out", () => {
  test("makes a delivery for each event and each webhook that asked for it, of its own scope, from its making on", async () => {
    await using scene = await startScene();
    await scene.happen("apollo");
    const both = await scene.hook("apollo", "http://a", ["project.trashed", "project.restored"]);
    const one = await scene.hook("apollo", "http://b");
    await scene.hook("gemini", "http://c");
    const [trashed, restored] = [await scene.happen("apollo"), await scene.happen("apollo", "project.restored")];
    while (await fanOut(scene.deps));
    const late = await scene.hook("apollo", "http://d");
    while (await fanOut(scene.deps));
    const found = (await scene.deliveries()).map(({ webhook_id, event_id }) => `${webhook_id} ${event_id}`);
    expect(found.toSorted()).toEqual(
      [`${both.id} ${trashed}`, `${both.id} ${restored}`, `${one.id} ${trashed}`].toSorted(),
    );
    const next = await scene.happen("apollo");
    await fanOut(scene.deps);
    expect(
      (await scene.deliveries()).filter(({ event_id }) => event_id === next).map(({ webhook_id }) => webhook_id),
    ).toContain(late.id);
  });

  test("each once, however many processes try, and however long the journal is", async () => {
    await using scene = await startScene();
    await scene.hook("apollo", "http://a");
    for (let n = 0; n < 250; n++) await scene.happen("apollo");
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        while (await fanOut(scene.deps));
      }),
    );
    const counted = sql`select count(*) as n, count(distinct event_id) as events from webhook_deliveries`;
    expect(await rowsOf(scene.db, counted)).toEqual([{ n: 250, events: 250 }]);
  });

  test("writes nothing where there are no webhooks, and begins with the first", async () => {
    await using scene = await startScene();
    for (let n = 0; n < 5; n++) await scene.happen("apollo");
    let writes = 0;
    const db = intercepted(scene.db, { write: () => void writes++ });
    expect(await fanOut({ ...scene.deps, db })).toBe(false);
    await scene.hook("apollo", "http://a");
    expect(await fanOut({ ...scene.deps, db })).toBe(false);
    expect(writes).toBe(0);
    await scene.happen("apollo");
    await fanOut({ ...scene.deps, db });
    expect([writes, await scene.deliveries()]).toEqual([1, [expect.objectContaining({ status: "pending" })]]);
  });

  test("makes none for a webhook that goes meanwhile", async () => {
    await using scene = await startScene();
    await scene.hook("apollo", "http://a");
    await scene.happen("apollo");
    let first = true;
    const db = intercepted(scene.db, {
      write: async () => {
        if (first) await scene.db.write([sql`delete from webhooks`]);
        first = false;
      },
    });
    await fanOut({ ...scene.deps, db });
    expect(await scene.deliveries()).toEqual([]);
  });
});

describe("either before any step of fanning out", () => {
  test("events and a webhook that come are fanned out once, and to that webhook only what came after it", async () => {
    await atEveryStep(async (overtaken, step) => {
      await using scene = await startScene();
      const first = await scene.hook("apollo", "http://a");
      const events = [await scene.happen("apollo")];
      const second: string[] = [];
      const other = async () => {
        events.push(await scene.happen("apollo"));
        second.push((await scene.hook("apollo", "http://b")).id);
        events.push(await scene.happen("apollo"));
        while (await fanOut(scene.deps));
      };
      while (await fanOut({ ...scene.deps, db: overtaken(scene.db, other) }));
      while (await fanOut(scene.deps));
      const expected = [...events.map((id) => `${first.id} ${id}`), ...second.map((id) => `${id} ${events[2]}`)];
      const found = (await scene.deliveries()).map(({ webhook_id, event_id }) => `${webhook_id} ${event_id}`);
      expect([step, found.toSorted()]).toEqual([step, expected.toSorted()]);
    });
  });

  test("a webhook that is switched off and on gets what happens from then on", async () => {
    await atEveryStep(async (overtaken, step) => {
      await using scene = await startScene();
      const { id } = await scene.hook("apollo", "http://a");
      await scene.happen("apollo");
      const later: string[] = [];
      const other = async () => {
        await scene.db.write([sql`update webhooks set is_active = 0`, giveUp(id, sql`true`)]);
        await scene.happen("apollo");
        await scene.db.write([sql`update webhooks set is_active = 1, since_seq = (select max(seq) from journal)`]);
        later.push(await scene.happen("apollo"));
      };
      await fanOut({ ...scene.deps, db: overtaken(scene.db, other) });
      if (later.length === 0) await other();
      while (await fanOut(scene.deps));
      const waiting = (await scene.deliveries()).filter(({ status }) => status === "pending");
      expect([step, waiting.map(({ event_id }) => event_id)]).toEqual([step, later]);
    });
  });
});
