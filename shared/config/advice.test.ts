import { expect, test } from "bun:test";
import { adviceOn, changedSettings, type Environment, shownSettings } from "./index.ts";
import { settle, type Target } from "./settle.ts";

const advice = (env: Environment, target: Target = "standalone") =>
  adviceOn(
    env,
    settle(env, target, () => "generated"),
  );
const production = {
  ENVIRONMENT: "production",
  SECRET_KEY: "0123456789abcdef0123456789abcdef",
  FIRST_SUPERUSER_PASSWORD: "correct horse battery",
};

test("an empty environment, and one that other programs use, need no advice", () => {
  const others = { PATH: "/bin", HOME: "/root", POST: "1", HOSTNAME: "a", PORTS: "1", NATS_SERVICE_HOST: "10.0.0.1" };
  expect(advice({})).toEqual([]);
  expect(advice(others)).toEqual([]);
  expect(advice({ ACE_PROJECTS_URL: "https://corporate.example/projects" })).toEqual([]);
});

test.each([
  ["STOA_PORT", "STOA_PORT is not a variable of Stoa; PORT is."],
  ["STOA_HOME", "STOA_HOME is not a variable of Stoa."],
  ["SECRETKEY", "SECRETKEY is not a variable of Stoa; SECRET_KEY is."],
  ["LOGLEVEL", "LOGLEVEL is not a variable of Stoa; LOG_LEVEL is."],
  ["IDENTITY_DATABSE_URL", "IDENTITY_DATABSE_URL is not a variable of Stoa; IDENTITY_DATABASE_URL is."],
  ["RATE_LIMITS_SCALE", "RATE_LIMITS_SCALE is not a variable of Stoa; RATE_LIMIT_SCALE is."],
])("%s is no variable", (name, sentence) => {
  expect(advice({ [name]: "1" })).toEqual([sentence]);
  expect(advice({ [name]: " " })).toEqual([]);
});

test.each([
  ["METRICS_PORT", "9000"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4318"],
  ["PROJECTS_DATABASE_AUTH_TOKEN", "token"],
])("%s does nothing in standalone with files", (name, value) => {
  expect(advice({ [name]: value })).toEqual([`${name} is set, but does nothing here.`]);
});

test.each([
  ["NATS_URL", "nats://nats:4222"],
  ["NATS_CREDS", "stoa.creds"],
  ["IDENTITY_URL", "http://identity:4001"],
])("%s does nothing in standalone, which the sentence says", (name, value) => {
  expect(advice({ [name]: value })).toEqual([`${name} is set, but does nothing in standalone.`]);
});

test("variables of the backends that Stoa replaces are read under today's name, or named as meaningless", () => {
  const older = { BACKEND_CORS_ORIGINS: '["https://a.example/", "http://b.example"]', FIRST_SUPERUSER: "a@b.example" };
  const config = settle(older, "standalone", () => "generated");
  expect([config.cors_origins, config.first_superuser_email]).toEqual([
    ["https://a.example", "http://b.example"],
    "a@b.example",
  ]);
  expect(advice(older)).toEqual([
    "BACKEND_CORS_ORIGINS is read as CORS_ORIGINS; rename it.",
    "FIRST_SUPERUSER is read as FIRST_SUPERUSER_EMAIL; rename it.",
  ]);
  expect(advice({ ...older, CORS_ORIGINS: "https://c.example", FIRST_SUPERUSER: "" })).toEqual([
    "BACKEND_CORS_ORIGINS does nothing beside CORS_ORIGINS.",
  ]);
  expect(advice({ ALGORITHM: "HS256" })).toEqual(["ALGORITHM means nothing to Stoa: tokens are signed with ES256."]);
  expect(() => settle({ BACKEND_CORS_ORIGINS: "*" }, "standalone", () => "generated")).toThrow(
    "BACKEND_CORS_ORIGINS takes",
  );
});

test("what a service on its own reads, or a remote database, does something", () => {
  const env = { NATS_URL: "nats://nats:4222", NATS_CREDS: "a.creds", IDENTITY_URL: "http://identity:4001" };
  expect(advice(env, "projects")).toEqual([]);
  const remote = { PROJECTS_DATABASE_URL: "libsql://p.turso.io", PROJECTS_DATABASE_AUTH_TOKEN: "token" };
  expect(advice(remote)).toEqual([]);
});

test("production without a mail server is warned of, where mails are sent", () => {
  expect(advice(production)).toEqual([expect.stringContaining("SMTP_URL is not set")] as never);
  expect(advice({ ...production, SMTP_URL: "smtp://mail" })).toEqual([]);
  expect(advice(production, "projects")).toEqual([]);
});

test("settings are shown with their defaults and without secrets", () => {
  const env = {
    PORT: "9000",
    LOG_LEVEL: "info",
    SMTP_URL: "smtp://ana:hunter2@mail",
    SECRET_KEY: "hunter2",
    ACE_API_URL: "https://stoa:hunter2@directory.example/login",
    FIRST_SUPERUSER_EMAIL: "ana@example.com",
  };
  const shown = Object.fromEntries(shownSettings(env).map(({ name, value }) => [name, value]));
  expect(shown).toMatchObject({ PORT: "9000", LOG_LEVEL: "info", SMTP_URL: "***", HOST: "0.0.0.0" });
  expect(shown["FIRST_SUPERUSER_EMAIL"]).toBe("ana@example.com");
  expect(shown["NATS_CREDS"]).toBe("(none)");
  expect(JSON.stringify(shown)).not.toContain("hunter2");
  expect(changedSettings(env)).toEqual({
    PORT: "9000",
    SECRET_KEY: "***",
    SMTP_URL: "***",
    ACE_API_URL: "https://***@directory.example/login",
    FIRST_SUPERUSER_EMAIL: "***",
  });
});
