import { describe, expect, test } from "bun:test";
import { secretBox } from "@stoa/auth/secret-box";
import { type Sql, sql } from "@stoa/db";
import { atEveryStep, rowsOf } from "@stoa/testing";
import { Deliverer, LEASE_MS } from "./deliverer.ts";
import { fanOut } from "./fan-out.ts";
import { giveUp } from "./give-up.ts";
import type { Answer } from "./outcome.ts";
import { RETRY_MS } from "./outcome.ts";
import { signatureHeaders } from "./sign.ts";
import { startScene } from "./test/scene.ts";
import { work } from "./test/work.ts";

describe("delivering", () => {
  test("another process that does the same before any step sends nothing twice, and leaves nothing out", async () => {
    await atEveryStep(async (overtaken, step) => {
      await using scene = await startScene();
      await scene.hook("apollo", "http://a");
      await scene.hook("apollo", "http://b");
      const events = [await scene.happen("apollo"), await scene.happen("apollo")];
      await work({ ...scene.deps, db: overtaken(scene.db, () => work(scene.deps)) });
      const sent = scene.sent.map(({ url, headers }) => `${url} ${headers["webhook-id"]}`);
      const expected = events.flatMap((id) => [`http://a ${id}`, `http://b ${id}`]);
      expect([step, sent.toSorted()]).toEqual([step, expected.toSorted()]);
      const ended = await rowsOf(scene.db, sql`select distinct status, attempts from webhook_deliveries`);
      expect([step, ended]).toEqual([step, [{ status: "delivered", attempts: 1 }]]);
    });
  });

  test.each<[string, (id: string) => Sql[], object[]]>([
    ["deleted", (id) => [sql`delete from webhooks where id = ${id}`], []],
    [
      "switched off",
      (id) => [sql`update webhooks set is_active = 0 where id = ${id}`, giveUp(id, sql`true`)],
      [{ next_at: null }],
    ],
  ])(
    "a webhook that is %s before any step has nothing waiting afterwards, and no attempt fails",
    async (_, off, left) => {
      await atEveryStep(async (overtaken, step) => {
        await using scene = await startScene();
        const { id } = await scene.hook("apollo", "http://a");
        await scene.happen("apollo");
        const failures: unknown[] = [];
        let isOff = false;
        const goes = async () => {
          isOff = true;
          await scene.db.write(off(id));
        };
        await work({ ...scene.deps, db: overtaken(scene.db, goes) }, failures);
        if (!isOff) await goes();
        const ended = (await scene.deliveries()).map(({ next_at }) => ({ next_at }));
        expect([step, failures]).toEqual([step, []]);
        expect([[], left]).toContainEqual(ended);
        scene.pass(10 * 86_400_000);
        const before = scene.sent.length;
        await work(scene.deps, failures);
        expect([step, scene.sent.length - before, failures]).toEqual([step, 0, []]);
      });
    },
  );

  test("410 of a delivery that was given up meanwhile does not switch off a webhook that was switched on since", async () => {
    const scene: Awaited<ReturnType<typeof startScene>> = await startScene(async () => {
      const { id } = hook;
      await scene.db.write([
        sql`update webhooks set is_active = 0`,
        giveUp(id, sql`true`),
        sql`update webhooks set is_active = 1, since_seq = (select max(seq) from journal)`,
      ]);
      return { status: 410 };
    });
    await using _ = scene;
    const hook = await scene.hook("apollo", "http://a");
    await scene.happen("apollo");
    await work(scene.deps);
    expect(scene.sent).toHaveLength(1);
    expect(await scene.deliveries()).toMatchObject([{ status: "failed", next_at: null, response_status: null }]);
    expect(await rowsOf(scene.db, sql`select is_active from webhooks`)).toEqual([{ is_active: 1 }]);
  });

  test("410 of an address that was changed meanwhile switches nothing off, and the event goes to the new one", async () => {
    const scene: Awaited<ReturnType<typeof startScene>> = await startScene(async (url) => {
      if (url !== "http://old") return { status: 204 };
      await scene.db.write([sql`update webhooks set url = 'http://new'`]);
      return { status: 410 };
    });
    await using _ = scene;
    await scene.hook("apollo", "http://old");
    await scene.happen("apollo");
    await work(scene.deps);
    expect(await scene.deliveries()).toMatchObject([{ status: "pending", attempts: 1, response_status: 410 }]);
    scene.pass(RETRY_MS[0] ?? 0);
    await work(scene.deps);
    expect(scene.sent.map(({ url }) => url)).toEqual(["http://old", "http://new"]);
    expect(await scene.deliveries()).toMatchObject([{ status: "delivered", attempts: 2 }]);
    expect(await rowsOf(scene.db, sql`select is_active from webhooks`)).toEqual([{ is_active: 1 }]);
    expect(await rowsOf(scene.db, sql`select 1 from journal where type = 'webhook.disabled'`)).toEqual([]);
  });

  test("sends the public part of the event, signed as Standard Webhooks says", async () => {
    await using scene = await startScene();
    const { secret } = await scene.hook("apollo", "http://a/in");
    const event_id = await scene.happen("apollo");
    await work(scene.deps);
    const [sent] = scene.sent;
    expect(JSON.parse(sent?.body ?? "")).toEqual({
      id: event_id,
      type: "project.trashed",
      timestamp: "2026-11-20T09:00:00.000Z",
      source: "/projects",
      subject: "apollo",
      sequence: 1,
      actor_id: null,
      data: { project_id: "apollo", name: "Apollo", version: 2 },
    });
    const timestamp = Date.parse("2026-11-20T09:00:00.000Z") / 1_000;
    expect(sent).toMatchObject({
      url: "http://a/in",
      headers: await signatureHeaders(secret, { id: event_id, timestamp, body: sent?.body ?? "" }),
    });
    expect(await scene.deliveries()).toMatchObject([
      { status: "delivered", attempts: 1, response_status: 204, next_at: null },
    ]);
    await work(scene.deps);
    expect(scene.sent).toHaveLength(1);
  });

  test("500, then 200: it comes again after a minute, with the same id, the same body and a signature of its own time", async () => {
    const statuses = [500, 200];
    await using scene = await startScene(() => ({ status: statuses.shift() ?? 0 }));
    await scene.hook("apollo", "http://a");
    await scene.happen("apollo");
    await work(scene.deps);
    scene.pass(59_999);
    await work(scene.deps);
    expect(scene.sent).toHaveLength(1);
    expect(await scene.deliveries()).toMatchObject([{ status: "pending", attempts: 1, response_status: 500 }]);
    scene.pass(1);
    await work(scene.deps);
    const [first, again] = scene.sent;
    expect([again?.headers["webhook-id"], again?.body]).toEqual([
      first?.headers["webhook-id"] ?? "",
      first?.body ?? "",
    ]);
    expect(again?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"] ?? "");
    expect(await scene.deliveries()).toMatchObject([{ status: "delivered", attempts: 2, response_status: 200 }]);
  });

  test("is given up after five attempts", async () => {
    await using scene = await startScene(() => ({ status: null }));
    await scene.hook("apollo", "http://a");
    await scene.happen("apollo");
    await work(scene.deps);
    for (const wait of RETRY_MS) {
      scene.pass(wait);
      await work(scene.deps);
    }
    scene.pass(10 * 86_400_000);
    await work(scene.deps);
    expect(scene.sent).toHaveLength(5);
    expect(await scene.deliveries()).toMatchObject([
      { status: "failed", attempts: 5, response_status: null, next_at: null },
    ]);
  });

  test("410 switches the webhook off, with an event; what waits for it is given up, and nothing more is made", async () => {
    await using scene = await startScene(() => ({ status: 410 }));
    const { id } = await scene.hook("apollo", "http://a");
    await scene.happen("apollo");
    await work(scene.deps);
    await scene.happen("apollo");
    await work(scene.deps);
    expect(scene.sent).toHaveLength(1);
    expect(await scene.deliveries()).toMatchObject([{ status: "failed", response_status: 410 }]);
    expect(await rowsOf(scene.db, sql`select is_active from webhooks`)).toEqual([{ is_active: 0 }]);
    expect(await rowsOf(scene.db, sql`select entity_id from journal where type = 'webhook.disabled'`)).toEqual([
      { entity_id: id },
    ]);
  });

  test("of several processes one tries each", async () => {
    await using scene = await startScene();
    await scene.hook("apollo", "http://a");
    for (let n = 0; n < 40; n++) await scene.happen("apollo");
    while (await fanOut(scene.deps));
    for (let turn = 0; turn < 10; turn++) await Promise.all([work(scene.deps), work(scene.deps), work(scene.deps)]);
    expect(scene.sent).toHaveLength(40);
    expect(new Set(scene.sent.map(({ headers }) => headers["webhook-id"])).size).toBe(40);
  });

  test("one that was cut off is made again when its lease ends, with the same id; the late answer counts no more", async () => {
    const answers: ((answer: Answer) => void)[] = [];
    await using scene = await startScene(() => new Promise((resolve) => answers.push(resolve)));
    await scene.hook("apollo", "http://a");
    const event_id = await scene.happen("apollo");
    await fanOut(scene.deps);
    const options = { ended: () => undefined, failed: () => undefined };
    const killed = new Deliverer(scene.deps, { ...options, signal: new AbortController().signal });
    await killed.turn();
    await until(() => answers.length === 1);
    scene.pass(LEASE_MS - 1);
    const next = new Deliverer(scene.deps, { ...options, signal: new AbortController().signal });
    await next.turn();
    expect(answers).toHaveLength(1);
    scene.pass(1);
    await next.turn();
    await until(() => answers.length === 2);
    expect(scene.sent.map(({ headers }) => headers["webhook-id"])).toEqual([event_id, event_id]);
    answers[0]?.({ status: 500 });
    await killed.idle();
    expect(await scene.deliveries()).toMatchObject([{ status: "pending", attempts: 0 }]);
    answers[1]?.({ status: 200 });
    await next.idle();
    expect(await scene.deliveries()).toMatchObject([{ status: "delivered", attempts: 1 }]);
  });

  test("a process that ends writes nothing of what it did not hear", async () => {
    const answers: ((answer: Answer) => void)[] = [];
    await using scene = await startScene(() => new Promise((resolve) => answers.push(resolve)));
    await scene.hook("apollo", "http://a");
    await scene.happen("apollo");
    await fanOut(scene.deps);
    const ending = new AbortController();
    const deliverer = new Deliverer(scene.deps, {
      signal: ending.signal,
      ended: () => undefined,
      failed: () => undefined,
    });
    await deliverer.turn();
    await until(() => answers.length === 1);
    ending.abort();
    answers[0]?.({ status: null });
    await deliverer.idle();
    expect(await scene.deliveries()).toMatchObject([{ status: "pending", attempts: 0 }]);
    await deliverer.turn();
    expect(scene.sent).toHaveLength(1);
  });

  test("a slow receiver holds up no other: it has four attempts at a time, and the others go on", async () => {
    const slow: ((answer: Answer) => void)[] = [];
    await using scene = await startScene((url) =>
      url === "http://slow" ? new Promise((resolve) => slow.push(resolve)) : { status: 200 },
    );
    await scene.hook("apollo", "http://slow");
    await scene.hook("gemini", "http://quick");
    for (let n = 0; n < 50; n++) await scene.happen("apollo");
    scene.pass(1);
    for (let n = 0; n < 20; n++) await scene.happen("gemini");
    while (await fanOut(scene.deps));
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const deliverer: Deliverer = new Deliverer(scene.deps, {
      signal: new AbortController().signal,
      ended: () => {
        if (scene.sent.filter(({ url }) => url === "http://quick").length === 20) resolve();
        else void deliverer.turn();
      },
      failed: () => undefined,
    });
    await deliverer.turn();
    await done;
    expect(slow).toHaveLength(4);
    for (const answer of slow) answer({ status: 200 });
    await deliverer.idle();
  });

  test("a secret that no key opens is a failed attempt, and is told", async () => {
    await using scene = await startScene();
    await scene.hook("apollo", "http://a");
    await scene.happen("apollo");
    const failures: unknown[] = [];
    const box = secretBox(["another"], "webhook-secret-encryption", "the secret of a webhook");
    await work({ ...scene.deps, box }, failures);
    expect(scene.sent).toEqual([]);
    expect(String(failures[0])).toContain("SECRET_KEY does not open the secret of a webhook");
    expect(await scene.deliveries()).toMatchObject([{ status: "pending", attempts: 1, response_status: null }]);
  });

  test("what is due is found by an index", async () => {
    await using scene = await startScene();
    const plan = await rowsOf<{ detail: string }>(
      scene.db,
      sql`explain query plan select id from webhook_deliveries where next_at <= ${"2026"} and webhook_id not in
        (select value from json_each('[]')) order by next_at limit 32`,
    );
    expect(plan.map(({ detail }) => detail).join()).toContain(
      "SEARCH webhook_deliveries USING INDEX webhook_deliveries_due",
    );
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
