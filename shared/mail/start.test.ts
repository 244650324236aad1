import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sql } from "@stoa/db";
import { eventually, silent, temporaryDatabase, temporaryDirectory } from "@stoa/testing";
import { compose } from "./compose.ts";
import { queueMail } from "./queue.ts";
import { startMails } from "./start-bun.ts";
import { startSmtp } from "./test/smtp.ts";

const mail_from = "Stoa <stoa@example.com>";
const content = compose("", { subject: "Hello", name: null, paragraphs: [], closing: [] });

async function start(smtp_url: string | null, prefix?: string) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("mails"));
  const { db } = stack.use(await temporaryDatabase("messaging"));
  const now = () => new Date();
  const config = { data_dir: folder.path, smtp_url, mail_from };
  const mails = startMails({ config, db, now, log: silent }, prefix);
  stack.defer(() => mails.stop());
  const owned = stack.move();
  const outbox = join(folder.path, "outbox");
  return {
    ...{ db, mails },
    put: () => {
      const mail = { kind: "digest", user_id: "u", recipient: "ada@example.com", content } as const;
      return db.write([queueMail({ ...mail, time: now().toISOString() }, sql`1`)]);
    },
    files: () => (existsSync(outbox) ? readdirSync(outbox).filter((name) => name.endsWith(".eml")) : []),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("without a mail server, mails become files of the service's own, which go with their mails", async () => {
  await using running = await start(null, "messaging-");
  await running.put();
  const [file = ""] = await eventually(() => (running.files().length > 0 ? running.files() : undefined));
  const [row] = await running.db.query(sql`select id from mails`);
  expect(file).toBe(`messaging-${row?.["id"]}.eml`);
  await running.db.write([sql`delete from mails`]);
  running.mails.sweepSoon();
  await eventually(() => running.files().length === 0);
});

test("with a mail server, they go there", async () => {
  await using server = await startSmtp();
  await using running = await start(server.url);
  await running.put();
  await eventually(() => server.received.length > 0);
  expect(server.received[0]?.to).toEqual(["ada@example.com"]);
  expect(running.files()).toEqual([]);
});
