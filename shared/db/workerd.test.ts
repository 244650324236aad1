import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type SqldServer, startProxy, startSqld, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { Miniflare } from "miniflare";
import { openDatabase } from "./database.ts";
import { raw } from "./sql.ts";

/** What the worker does with a database, in the language of the worker. */
const worker = (folder: string) => `
  import { openDatabase, sql, violates } from ${JSON.stringify(join(folder, "index.ts"))};
  const failure = (promise) => promise.then(() => "none", (error) => error.failure + " " + (error.constraint ?? ""));
  export default {
    async fetch(request, env) {
      const db = await openDatabase(env.URL, { alone: true, timeoutMs: 1000 });
      const away = await openDatabase(env.AWAY, { alone: true, timeoutMs: 1000 });
      const cut = await openDatabase(env.CUT, { alone: true, timeoutMs: 1000 });
      await db.write([sql\`insert into t (x) values (\${"from workerd"})\`]);
      return Response.json({
        kind: db.kind,
        rows: await db.query(sql\`select x from t\`),
        refused: await failure(db.write([sql\`insert into t (x) values (\${"from workerd"})\`])),
        wrong: await failure(db.query(sql\`select nope\`)),
        cut: await failure(cut.write([sql\`select 1\`])),
        away: await failure(away.query(sql\`select 1\`)),
      });
    },
  };`;

let sqld: SqldServer;
let folder: TemporaryDirectory;

beforeAll(async () => {
  sqld = await startSqld();
  folder = await temporaryDirectory("workerd");
});

afterAll(async () => {
  await sqld[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test("workerd reads and writes a database over HTTP, and sorts its failures", async () => {
  const db = await openDatabase(sqld.url);
  await db.write([raw("create table t (x unique)")]);
  db.close();
  const entry = join(folder.path, "worker.ts");
  await Bun.write(entry, worker(import.meta.dir));
  const built = await Bun.build({ entrypoints: [entry], target: "browser", conditions: ["workerd", "worker"] });
  await using proxy = await startProxy(sqld.port);
  proxy.cut("answer");
  const miniflare = new Miniflare({
    modules: true,
    script: (await built.outputs[0]?.text()) ?? "",
    compatibilityDate: "2026-01-01",
    bindings: { URL: sqld.url, AWAY: "http://127.0.0.1:1", CUT: proxy.url },
  });
  const answer = await miniflare.dispatchFetch("http://stoa.test/");
  expect(await answer.json()).toEqual({
    kind: "http",
    rows: [{ x: "from workerd" }],
    refused: "constraint t.x",
    wrong: "other ",
    cut: "unknown_outcome ",
    away: "unavailable ",
  });
  await miniflare.dispose();
}, 20_000);
