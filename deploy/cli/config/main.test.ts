import { expect, test } from "bun:test";
import { adviceOn } from "@stoa/config";
import { startable } from "@stoa/config/load";
import { services } from "@stoa/events";
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
    FIRST_SUPERUSER_PASSWORD: "correct horse battery",
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
  expect(await config({}, "identity", "projects")).toMatchObject({ code: 1 });
  expect(await config({}, "PORT")).toMatchObject({ code: 1, warned: [expect.stringContaining("Shows every setting")] });
});

test.each(["standalone", ...services] as const)(
  "warns as the start of %s does, of the same variables",
  async (target) => {
    const env = {
      NATS_URL: "nats://nats:4222",
      NATS_CREDS: "a.creds",
      IDENTITY_URL: "http://identity:4001",
      METRICS_PORT: "9100",
      IDENTITY_DATABASE_AUTH_TOKEN: "token",
      STOA_HOST: "::",
      JWT_ALGORITHM: "HS256",
      FIRST_SUPERUSER: "a@b.example",
    };
    const started = adviceOn(
      env,
      startable(env, target, () => "generated"),
    );
    expect((await config(env, target)).warned).toEqual(started);
    const named = started.filter((line) => line.endsWith("does nothing in standalone."));
    expect(named).toHaveLength(target === "standalone" ? 3 : 0);
  },
);

test("standalone is meant unless a service is named, and an older name is shown as the variable that it sets", async () => {
  const env = { NATS_URL: "nats://nats:4222", BACKEND_CORS_ORIGINS: "https://a.example" };
  const { shown, warned } = await config(env);
  expect(warned).toContain("NATS_URL is set, but does nothing in standalone.");
  expect(shown).toContain("* CORS_ORIGINS=https://a.example");
});

test("what the start refuses ends with 1, in the words of the start, after the settings", async () => {
  const missing = await config({ ENVIRONMENT: "production", SECRET_KEY: "hunter2 and at least thirty-two bytes" });
  expect([missing.code, missing.warned.at(-1)]).toEqual([
    1,
    "FIRST_SUPERUSER_PASSWORD must be set in production; it takes a password.",
  ]);
  expect(missing.shown).toContain("* ENVIRONMENT=production");
  expect((await config({}, "projects")).warned.at(-1)).toStartWith(
    "NATS_URL is required by a service that runs on its own",
  );
  expect((await config({ ENVIRONMENT: "produktion" })).code).toBe(1);
});
