import { expect, test } from "bun:test";
import { eventually, silent } from "@stoa/testing";
import { startWebhooks } from "./start-bun.ts";
import { startScene } from "./test/scene.ts";

test("a database that is away is logged and asked again, and what happened meanwhile is sent", async () => {
  await using scene = await startScene();
  await scene.hook("apollo", "http://a");
  await scene.happen("apollo");
  const warned: object[] = [];
  let away = true;
  const { db } = scene;
  const query: typeof db.query = (statement: Parameters<typeof db.query>[0]) =>
    away ? Promise.reject(new Error("The database is away.")) : db.query(statement);
  const log = { ...silent, warn: (fields: object) => void warned.push(fields) };
  const stop = startWebhooks({ ...scene.deps, db: { ...db, query } }, { log, everyMs: 5, graceMs: 50 });
  await eventually(() => warned.length > 0);
  away = false;
  await eventually(() => scene.sent.length === 1);
  await stop();
  expect(scene.sent).toHaveLength(1);
});
