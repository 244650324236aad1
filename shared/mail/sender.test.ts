import { describe, expect, test } from "bun:test";
import { eventually, intercepted } from "@stoa/testing";
import type { Mailer } from "./mailer.ts";
import { smtpMailer } from "./mailer-bun.ts";
import { startSender } from "./sender-bun.ts";
import { queue } from "./test/queue.ts";
import { startSmtp } from "./test/smtp.ts";

describe("the sender", () => {
  test("sends by itself, goes on after a failure of the database, and stops when told", async () => {
    await using q = await queue();
    await using server = await startSmtp();
    let broken = true;
    const db = intercepted(q.db, {
      read: () => {
        if (broken) throw new Error("away");
      },
    });
    const { now, log } = q;
    const stop = startSender({ db, now, log, mailer: smtpMailer(server.url, "stoa@example.com") }, { everyMs: 5 });
    await q.put();
    await eventually(() => q.logged.some((line) => line.includes("Periodic work failed.")));
    broken = false;
    await eventually(async () => (await q.row()).status === "sent");
    await stop();
    await q.put();
    expect((await q.rows()).map(({ status }) => status)).toEqual(["sent", "waiting"]);
  });

  test("ends the delivery under way before it stops, and begins no other", async () => {
    await using q = await queue();
    for (let i = 0; i < 12; i++) await q.put();
    const { db, now, log } = q;
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const mailer: Mailer = {
      deliver: () => {
        begun.resolve();
        return gate.promise;
      },
    };
    const stop = startSender({ db, now, log, mailer });
    await begun.promise;
    const stopped = stop();
    gate.resolve();
    await stopped;
    expect((await q.rows()).filter(({ status }) => status === "sent")).toHaveLength(5);
  });

  test("stops although a server never answers", async () => {
    await using q = await queue();
    await q.put();
    const { db, now, log } = q;
    const begun = Promise.withResolvers<void>();
    const mailer: Mailer = {
      deliver: () => {
        begun.resolve();
        return new Promise(() => undefined);
      },
    };
    const stop = startSender({ db, now, log, mailer }, { graceMs: 10 });
    await begun.promise;
    await stop();
    expect(await q.row()).toMatchObject({ status: "waiting", tries: 1 });
  });
});
