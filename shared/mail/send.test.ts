import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { type Database, DatabaseError, openDatabase, purge } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { atEveryStep, holdPort, intercepted, startSqld, temporaryDirectory } from "@stoa/testing";
import { type Mailer, MailFailure } from "./mailer.ts";
import { outboxMailer, smtpMailer } from "./mailer-bun.ts";
import { outboxSweeper } from "./outbox-sweeper-bun.ts";
import { mailPurge } from "./purge.ts";
import { MAX_TRIES, sendMails } from "./send.ts";
import { content, queue, token } from "./test/queue.ts";
import { startSmtp } from "./test/smtp.ts";

const failing = (code: string, permanent: boolean) => ({
  tries: 0,
  async deliver() {
    this.tries++;
    throw new MailFailure(code, permanent);
  },
});

test("a mail that waits is delivered once; then its content is deleted and its kind stays", async () => {
  await using q = await queue();
  await using server = await startSmtp();
  await q.put();
  expect(await q.send(smtpMailer(server.url, "stoa@example.com"))).toBe(1);
  expect(server.received[0]?.mail.text).toContain(`https://app.example.com/reset-password#token=${token}`);
  expect(await q.row()).toMatchObject({
    status: "sent",
    kind: "password_reset",
    recipient: "ada@example.com",
    tries: 1,
    subject: null,
    text: null,
    html: null,
    lease: null,
    ended_at: expect.any(String),
  });
  expect(JSON.stringify(await q.rows())).not.toContain(token);
  expect(await q.send(smtpMailer(server.url, "stoa@example.com"))).toBe(0);
  expect(server.received).toHaveLength(1);
});

test("more mails than are taken at a time are all sent", async () => {
  await using q = await queue();
  await using server = await startSmtp();
  for (let i = 0; i < 13; i++) await q.put(`user${i}@example.com`);
  expect(await q.send(smtpMailer(server.url, "stoa@example.com"))).toBe(13);
  expect(new Set(server.received.map(({ to }) => to[0])).size).toBe(13);
});

describe("a mail that is not taken", () => {
  test("is given up at once when the refusal is final, and its content is deleted", async () => {
    await using q = await queue();
    await using server = await startSmtp();
    server.refusal = { status: 550 };
    await q.put();
    expect(await q.send(smtpMailer(server.url, "stoa@example.com"))).toBe(0);
    expect(await q.row()).toMatchObject({ status: "failed", error: "EENVELOPE 550", tries: 1, text: null, html: null });
  });

  test("is tried again later when the refusal is temporary, and is sent then", async () => {
    await using q = await queue();
    await using server = await startSmtp();
    const mailer = smtpMailer(server.url, "stoa@example.com");
    server.refusal = { status: 451 };
    await q.put();
    await q.send(mailer);
    expect(await q.row()).toMatchObject({ status: "waiting", error: "EENVELOPE 451", tries: 1, lease: null });
    server.refusal = null;
    expect(await q.send(mailer)).toBe(0);
    q.clock.ahead += 10_000;
    expect(await q.send(mailer)).toBe(1);
    expect(await q.row()).toMatchObject({ status: "sent", error: null, tries: 2 });
  });

  test("waits while the server is away, longer each time, and is sent when it is back", async () => {
    await using q = await queue();
    using held = await holdPort();
    const { port } = held;
    const mailer = smtpMailer(`smtp://127.0.0.1:${port}`, "stoa@example.com");
    await q.put();
    const waits: number[] = [];
    for (let tries = 1; tries <= 5; tries++) {
      const began = q.now().getTime();
      await q.send(mailer);
      const { next_at, status } = await q.row();
      expect(status).toBe("waiting");
      waits.push(Date.parse(next_at) - began);
      q.clock.ahead += Date.parse(next_at) - began;
    }
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    await using server = await startSmtp({ port });
    expect(await q.send(mailer)).toBe(1);
    expect(server.received).toHaveLength(1);
  });

  test("is given up after a bounded number of tries, half a day at most", async () => {
    await using q = await queue();
    await q.put();
    const mailer = failing("ESOCKET", false);
    const began = q.now().getTime();
    for (let row = await q.row(); row.status === "waiting"; row = await q.row()) {
      q.clock.ahead = Math.max(0, Date.parse(row.next_at) - Date.now());
      await q.send(mailer);
    }
    expect(mailer.tries).toBe(MAX_TRIES);
    expect(await q.row()).toMatchObject({ status: "failed", error: "ESOCKET", text: null });
    expect(q.now().getTime() - began).toBeLessThan(12 * 3_600_000);
  });

  test("is not sent any more once it has expired", async () => {
    await using q = await queue();
    await using server = await startSmtp();
    await q.put();
    q.clock.ahead = 4 * 86_400_000;
    expect(await q.send(smtpMailer(server.url, "stoa@example.com"))).toBe(0);
    expect(await q.row()).toMatchObject({ status: "failed", error: "expired", text: null });
    expect(server.received).toEqual([]);
  });

  test("does not delay others, whatever a mailer throws", async () => {
    await using q = await queue();
    await q.put("bad@example.com");
    await q.put("good@example.com");
    const sent = await q.send({
      async deliver({ recipient }) {
        if (recipient.startsWith("bad")) throw new TypeError("bad@example.com is odd");
      },
    });
    expect(sent).toBe(1);
    expect((await q.rows()).map(({ status, error }) => [status, error])).toEqual([
      ["waiting", "unexpected"],
      ["sent", null],
    ]);
  });
});

test("of several senders each mail is taken by one", async () => {
  await using q = await queue();
  await using server = await startSmtp();
  for (let i = 0; i < 30; i++) await q.put(`user${i}@example.com`);
  const mailer = smtpMailer(server.url, "stoa@example.com");
  const sent = await Promise.all([1, 2, 3].map(() => q.send(mailer)));
  expect(sent.reduce((sum, count) => sum + count)).toBe(30);
  expect(server.received.map(({ to }) => to[0]).toSorted()).toEqual(
    Array.from({ length: 30 }, (_, i) => `user${i}@example.com`).toSorted(),
  );
});

test("another sender before any step of one leaves no mail undelivered, and delivers none twice", async () => {
  await atEveryStep(async (overtaken, step) => {
    await using q = await queue();
    for (let i = 0; i < 7; i++) await q.put();
    const delivered: string[] = [];
    const mailer: Mailer = {
      deliver: async ({ id }) => {
        delivered.push(id);
      },
    };
    const { now, log } = q;
    await sendMails({ db: overtaken(q.db, () => q.send(mailer)), now, log, mailer });
    const rows = await q.rows();
    expect([step, delivered.toSorted()]).toEqual([step, rows.map(({ id }) => id)]);
    expect(rows.every(({ status, tries }) => status === "sent" && tries === 1)).toBe(true);
  });
});

test("an outbox that is swept before any step of a sender, or the other way round, has every mail that was sent", async () => {
  for (const order of ["swept", "sent"]) {
    await atEveryStep(async (overtaken, step) => {
      await using q = await queue();
      await using folder = await temporaryDirectory("outbox");
      const { log, now } = q;
      const mailer = outboxMailer(folder.path, "stoa@example.com", log);
      await q.put();
      await q.send(mailer);
      await q.put();
      const send = (db: Database) => sendMails({ db, now, log, mailer });
      const sweep = (db: Database) => outboxSweeper(folder.path, db, now).turn();
      if (order === "swept") await send(overtaken(q.db, () => sweep(q.db)));
      else await sweep(overtaken(q.db, () => send(q.db)));
      const sent = (await q.rows()).filter(({ status }) => status === "sent").map(({ id }) => `${id}.eml`);
      expect([order, step, readdirSync(folder.path).toSorted()]).toEqual([order, step, sent]);
    });
  }
});

test("a sender that cannot store an outcome ends with that once the other deliveries of its turn have ended", async () => {
  await using q = await queue();
  await q.put("ada@example.com");
  await q.put("grace@example.com");
  const gate = Promise.withResolvers<void>();
  const mailer: Mailer = {
    deliver: async ({ recipient }) => {
      if (recipient.startsWith("grace")) await gate.promise;
    },
  };
  let writes = 0;
  const refused = Promise.withResolvers<void>();
  const db = intercepted(q.db, {
    write: () => {
      if (++writes !== 2) return;
      refused.resolve();
      throw new DatabaseError("unavailable", "away");
    },
  });
  const { now, log } = q;
  let ended = false;
  const sending = sendMails({ db, now, log, mailer }).finally(() => {
    ended = true;
  });
  await refused.promise;
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  gate.resolve();
  await expect(sending).rejects.toMatchObject({ failure: "unavailable" });
  expect((await q.rows()).map(({ status }) => status)).toEqual(["waiting", "sent"]);
});

test("when a sender is killed after the server took a mail, the next sends it again under the same id: at least once", async () => {
  await using sqld = await startSqld();
  const db = await openDatabase(sqld.url);
  await migrate(db, readMigrations("identity"));
  await using q = await queue({ db, dispose: async () => db.close() });
  await using server = await startSmtp();
  await q.put();
  const script = new URL("./test/send-and-die.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, script, sqld.url, server.url], { stdout: "ignore", stderr: "inherit" });
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  expect(server.received).toHaveLength(1);
  expect(await q.row()).toMatchObject({ status: "waiting", text: expect.stringContaining(token) });

  const mailer = smtpMailer(server.url, "stoa@example.com");
  expect(await q.send(mailer)).toBe(0);
  q.clock.ahead = 181_000;
  expect(await q.send(mailer)).toBe(1);
  const [first, second] = server.received.map(({ mail }) => mail.messageId);
  expect(second).toBe(first ?? "");
  expect(await q.row()).toMatchObject({ status: "sent", text: null });
}, 30_000);

test("a sender that comes back after its lease changes nothing of a mail that another sender took", async () => {
  await using q = await queue();
  await q.put();
  let inner = 0;
  await q.send({
    async deliver() {
      q.clock.ahead += 181_000;
      inner = await q.send({ deliver: async () => undefined });
      throw new MailFailure("ETIMEDOUT", false);
    },
  });
  expect(inner).toBe(1);
  expect(await q.row()).toMatchObject({ status: "sent", error: null });
});

test("the log names mails by id and kind: no address, no subject, no token", async () => {
  await using q = await queue();
  await using server = await startSmtp();
  const mailer = smtpMailer(server.url, "stoa@example.com");
  server.refusal = { status: 450 };
  await q.put();
  await q.send(mailer);
  server.refusal = { status: 550 };
  q.clock.ahead = 10_000;
  await q.send(mailer);
  const { id } = await q.row();
  expect(q.logged.map((line) => JSON.parse(line))).toMatchObject([
    { mail_id: id, kind: "password_reset", code: "EENVELOPE 450", tries: 1, given_up: false },
    { mail_id: id, kind: "password_reset", code: "EENVELOPE 550", tries: 2, given_up: true },
  ]);
  for (const secret of ["ada", token, content.subject, "@"]) expect(q.logged.join("\n")).not.toContain(secret);
});

test("mails that were sent or given up are deleted after 30 days, those that wait are not", async () => {
  await using q = await queue();
  await q.put();
  await q.send({ deliver: async () => undefined });
  await q.put("grace@example.com");
  await purge(q.db, [mailPurge], new Date(q.now().getTime() + 29 * 86_400_000));
  expect(await q.rows()).toHaveLength(2);
  await purge(q.db, [mailPurge], new Date(q.now().getTime() + 31 * 86_400_000));
  expect((await q.rows()).map(({ recipient }) => recipient)).toEqual(["grace@example.com"]);
});
