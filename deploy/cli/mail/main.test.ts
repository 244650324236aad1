import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startSmtp } from "@stoa/mail/test/smtp";
import { temporaryDirectory } from "@stoa/testing";
import { run } from "./main.ts";

async function mail(args: readonly string[], env: Record<string, string> = {}) {
  const lines: string[] = [];
  const code = await run(args, env, (line) => lines.push(line));
  return { code, text: lines.join("\n") };
}

test("test sends a mail by the mail server, and says whether it was taken", async () => {
  await using smtp = await startSmtp();
  const env = { SMTP_URL: smtp.url, MAIL_FROM: "Stoa <stoa@example.com>", ENVIRONMENT: "production" };
  expect(await mail(["test", "ana@example.com"], env)).toEqual({
    code: 0,
    text: "The mail server has taken a mail to ana@example.com.",
  });
  expect(smtp.received).toMatchObject([{ to: ["ana@example.com"], from: "stoa@example.com" }]);
  smtp.refusal = { status: 550 };
  expect(await mail(["test", "ana@example.com"], env)).toEqual({
    code: 1,
    text: "The mail was not taken (EENVELOPE 550). Check SMTP_URL and MAIL_FROM.",
  });
});

test("without a mail server it writes a file and names it", async () => {
  await using folder = await temporaryDirectory("mail-cli");
  const { code, text } = await mail(["test", "ana@example.com"], { DATA_DIR: folder.path });
  const [file = ""] = readdirSync(join(folder.path, "outbox"));
  expect([code, text]).toEqual([0, expect.stringContaining(file)] as never);
  expect(readFileSync(join(folder.path, "outbox", file), "utf8")).toContain("To: ana@example.com");
  expect(readdirSync(folder.path)).toEqual(["outbox"]);
});

test.each([[[]], [["test"]], [["test", "a@b.c", "d@e.f"]], [["send", "a@b.c"]]])(
  "for %j, which is not a command, the usage is printed",
  async (args) => {
    expect(await mail(args)).toMatchObject({ code: 1, text: expect.stringContaining("test ADDRESS") });
  },
);

test.each([
  [["send", "a@b.c"], "There is no command send."],
  [["test"], "Name one address."],
  [["test", "a@b.c", "d@e.f"], "Name one address."],
])("with %j it says what is wrong", async (args, line) => {
  expect((await mail(args)).text).toStartWith(line);
});

test.each(["ana@example.com\nb@example.com", "ana @example.com", "ana@b@c", "@example.com"])(
  "%j is no address",
  async (address) => {
    expect(await mail(["test", address])).toEqual({ code: 1, text: `${address} is no e-mail address.` });
  },
);

test("what is no address is named", async () => {
  expect(await mail(["test", "ana"])).toEqual({ code: 1, text: "ana is no e-mail address." });
});

test("--help shows the usage, and an invalid setting is named", async () => {
  expect(await mail(["--help"])).toMatchObject({ code: 0, text: expect.stringContaining("test ADDRESS") });
  expect(await mail(["test", "a@b.c"], { SMTP_URL: "mail" })).toEqual({
    code: 1,
    text: "SMTP_URL takes an smtp: or smtps: URL.",
  });
});
