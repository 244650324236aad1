import { expect, test } from "bun:test";
import { run } from "./main.ts";

async function config(env: Record<string, string>, ...args: string[]) {
  const [shown, warned]: [string[], string[]] = [[], []];
  const code = await run(args, env, (line, error) => (error ? warned : shown).push(line));
  return { code, shown, warned };
}

test("shows what is in use, marks what was set, hides secrets, and warns of what is probably not meant", async () => {
  const { code, shown, warned } = await config({
    PORT: "9000",
    ENVIRONMENT: "production",
    SECRET_KEY: "hunter2 and at least thirty-two bytes",
    METRICS_PORT: "9100",
    STOA_HOST: "::",
  });
  expect(code).toBe(0);
  expect(shown).toContain("* PORT=9000");
  expect(shown).toContain("* SECRET_KEY=***");
  expect(shown).toContain("  HOST=0.0.0.0");
  expect(shown.join()).not.toContain("hunter2");
  expect(warned).toEqual([
    "STOA_HOST is not a variable of Stoa; HOST is.",
    "METRICS_PORT is set, but does nothing here.",
    expect.stringContaining("SMTP_URL is not set"),
  ] as never);
});

test("an invalid value is named, and --help shows the usage", async () => {
  expect(await config({ PORT: "no" })).toMatchObject({
    code: 1,
    warned: [expect.stringContaining("PORT takes a port")],
  });
  expect(await config({}, "--help")).toMatchObject({
    code: 0,
    shown: [expect.stringContaining("Shows every setting")],
  });
  expect(await config({}, "PORT")).toMatchObject({ code: 1, warned: [expect.stringContaining("Shows every setting")] });
});
