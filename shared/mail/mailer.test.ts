import { describe, expect, test } from "bun:test";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { holdPort, silent, temporaryDirectory } from "@stoa/testing";
import PostalMime from "postal-mime";
import type { Mail } from "./mailer.ts";
import { outboxMailer, smtpMailer } from "./mailer-bun.ts";
import { startSmtp } from "./test/smtp.ts";

const from = "Stoa <stoa@example.com>";
const mail: Mail = {
  id: "019aa0f0-3c2b-7d4e-9a61-5f0c2b7d4e9a",
  recipient: "ada@example.com",
  subject: "Confirm your e-mail address",
  text: "Hello ada,\n\nhttps://app.example.com/verify-email#token=abc\n",
  html: '<p>Hello ada,</p><p><a href="https://app.example.com/verify-email#token=abc">…</a></p>',
  created_at: "2026-11-20T09:00:00.000Z",
};

describe("over SMTP", () => {
  test("a mail arrives as text and HTML, from MAIL_FROM, under an id of its own, at no one else", async () => {
    await using server = await startSmtp();
    await smtpMailer(server.url, from).deliver(mail);
    expect(server.received).toHaveLength(1);
    const [received] = server.received;
    expect(received).toMatchObject({ to: ["ada@example.com"], from: "stoa@example.com" });
    expect(received?.mail).toMatchObject({
      subject: mail.subject,
      messageId: `<${mail.id}@example.com>`,
      from: { name: "Stoa", address: "stoa@example.com" },
      to: [{ address: "ada@example.com" }],
      date: "2026-11-20T09:00:00.000Z",
    });
    expect(received?.mail.text?.trim()).toBe(mail.text.trim());
    expect(received?.mail.html?.trim()).toBe(mail.html);
    expect(received?.mail.attachments).toEqual([]);
    expect(received?.source).toContain("Auto-Submitted: auto-generated");
  });

  test("user and password of the URL are given", async () => {
    await using server = await startSmtp({ user: "stoa" });
    await smtpMailer(server.url, from).deliver(mail);
    expect(server.received).toHaveLength(1);
    const wrong = smtpMailer(server.url.replace("sesame", "wrong"), from).deliver(mail);
    await expect(wrong).rejects.toMatchObject({ code: "EAUTH 535", permanent: false });
  });

  test.each([
    [550, true],
    [450, false],
  ])("a recipient refused with %i: permanent is %p, and the server's words are kept out", async (status, permanent) => {
    await using server = await startSmtp();
    server.refusal = { status };
    const failure = await smtpMailer(server.url, from)
      .deliver(mail)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "MailFailure", code: `EENVELOPE ${status}`, permanent });
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain("ada@");
    expect((failure as Error).cause).toBeUndefined();
    expect(server.received).toEqual([]);
  });

  test("a server that is away is no permanent failure", async () => {
    using nobody = await holdPort();
    const delivery = smtpMailer(`smtp://127.0.0.1:${nobody.port}`, from).deliver(mail);
    await expect(delivery).rejects.toMatchObject({ code: "ESOCKET", permanent: false });
  });
});

test("names in any script arrive as they are", async () => {
  await using server = await startSmtp();
  const text = `Grüße an 小林, ${"sehr lange ".repeat(100)}.\n.\n`;
  await smtpMailer(server.url, from).deliver({ ...mail, subject: "小林 invites you", text });
  expect(server.received[0]?.mail).toMatchObject({ subject: "小林 invites you" });
  expect(server.received[0]?.mail.text?.trim()).toBe(text.trim());
});

describe("into files", () => {
  test("a mail becomes one .eml file that only its owner can read, however often it is delivered", async () => {
    await using folder = await temporaryDirectory("outbox");
    const outbox = join(folder.path, "outbox");
    const lines: string[] = [];
    const info = (fields: object, message: string) => lines.push(JSON.stringify({ fields, message }));
    const mailer = outboxMailer(outbox, from, { ...silent, info });
    await mailer.deliver(mail);
    await mailer.deliver(mail);
    expect(await readdir(outbox)).toEqual([`${mail.id}.eml`]);
    const path = join(outbox, `${mail.id}.eml`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const source = await Bun.file(path).text();
    // The file as it is, since someone may copy the link from it.
    expect(source).toContain("https://app.example.com/verify-email#token=abc");
    const read = await PostalMime.parse(source);
    expect(read).toMatchObject({ subject: mail.subject, to: [{ address: "ada@example.com" }] });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`${mail.id}.eml`);
    for (const secret of ["ada@", "token", mail.subject]) expect(lines.join()).not.toContain(secret);
  });

  test("a folder that cannot be made is a failure to try again", async () => {
    await using folder = await temporaryDirectory("outbox");
    await Bun.write(join(folder.path, "file"), "");
    await expect(outboxMailer(join(folder.path, "file"), from, silent).deliver(mail)).rejects.toThrow();
  });
});
