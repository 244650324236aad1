import { afterAll, afterEach, beforeAll, describe, expect, mock, spyOn, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configOrExit, envExample, loadConfig } from "./index.ts";
import { secretKeyFault } from "./secret-key.ts";
import { variables } from "./variables.ts";

let DATA_DIR: string;
beforeAll(() => {
  DATA_DIR = mkdtempSync(join(tmpdir(), "stoa-config-"));
});
afterAll(() => rmSync(DATA_DIR, { recursive: true }));

const secret = "0123456789abcdef0123456789abcdef";
const safe = { ENVIRONMENT: "production", SECRET_KEY: secret, FIRST_SUPERUSER_PASSWORD: "correct horse battery" };
const alone = { SECRET_KEY: secret, NATS_URL: "nats://projects:word@nats:4222" };

describe("defaults", () => {
  test("an empty environment is a complete standalone configuration", () => {
    const config = loadConfig({ DATA_DIR }, "standalone");
    expect(config).toMatchObject({
      target: "standalone",
      port: 8080,
      host: "0.0.0.0",
      environment: "development",
      issuer: "http://localhost:8080",
      audience: "stoa",
      public_url: "http://localhost:8080",
      access_token_expire_minutes: 15,
      refresh_token_expire_days: 7,
      first_superuser_email: "admin@example.com",
      first_superuser_password: null,
      cors_origins: ["http://localhost:3000"],
      csp_mode: "relaxed",
      log_level: "info",
      trusted_proxies: [],
      rate_limit_scale: 1,
      nats_url: null,
      smtp_url: null,
      metrics_port: null,
    });
    expect(config.databases.messaging).toEqual({ url: `file:${DATA_DIR}/messaging.db`, auth_token: null });
  });

  test("the issuer follows PORT, and the public address follows the issuer", () => {
    expect(loadConfig({ SECRET_KEY: secret, PORT: "9000" }, "standalone").public_url).toBe("http://localhost:9000");
    const config = loadConfig({ SECRET_KEY: secret, ISSUER: "https://stoa.example/" }, "standalone");
    expect(config).toMatchObject({ issuer: "https://stoa.example", public_url: "https://stoa.example" });
  });

  test.each([
    ["identity", 4001],
    ["projects", 4002],
    ["messaging", 4003],
  ] as const)("%s on its own listens on %i and uses the gateway's issuer", (service, port) => {
    const config = loadConfig(alone, service);
    expect(config).toMatchObject({ port, issuer: "http://localhost:8080", identity_url: "http://localhost:8080" });
  });

  test("a service on its own fetches keys from IDENTITY_URL", () => {
    expect(loadConfig({ ...alone, IDENTITY_URL: "http://identity:4001" }, "projects").identity_url).toBe(
      "http://identity:4001",
    );
  });

  test("an empty variable counts as not set", () => {
    expect(loadConfig({ SECRET_KEY: secret, PORT: "", SMTP_URL: " " }, "standalone")).toMatchObject({
      port: 8080,
      smtp_url: null,
    });
  });

  test("in production no origin is allowed by default", () => {
    expect(loadConfig(safe, "standalone").cors_origins).toEqual([]);
  });
});

describe("values", () => {
  test("lists are separated by commas, and an address is a network of one", () => {
    const config = loadConfig(
      {
        SECRET_KEY: secret,
        CORS_ORIGINS: "https://a.example, http://localhost:3000",
        TRUSTED_PROXIES: "10.0.0.0/8,::1,192.0.2.7",
      },
      "standalone",
    );
    expect(config.cors_origins).toEqual(["https://a.example", "http://localhost:3000"]);
    expect(config.trusted_proxies).toEqual(["10.0.0.0/8", "::1/128", "192.0.2.7/32"]);
  });

  test("databases are files, sqld or Turso, with a token", () => {
    const config = loadConfig(
      { SECRET_KEY: secret, PROJECTS_DATABASE_URL: "libsql://p.turso.io", PROJECTS_DATABASE_AUTH_TOKEN: "t" },
      "standalone",
    );
    expect(config.databases.projects).toEqual({ url: "libsql://p.turso.io", auth_token: "t" });
  });

  test("hosts that webhooks may reach are names in lower case and networks; none when nothing is said", () => {
    const hosts = (text: string) =>
      loadConfig({ SECRET_KEY: secret, WEBHOOK_ALLOWED_HOSTS: text }, "standalone").webhook_allowed_hosts;
    expect(hosts(" Hooks.Internal, 10.0.0.0/8,192.168.1.7,fd00::1")).toEqual([
      "hooks.internal",
      "10.0.0.0/8",
      "192.168.1.7/32",
      "fd00::1/128",
    ]);
    expect(hosts("")).toEqual([]);
  });

  test("how long messages are kept is said by the type of their conversation; null when nothing is said", () => {
    const days = (text: string) =>
      loadConfig({ SECRET_KEY: secret, MESSAGE_RETENTION_DAYS: text }, "standalone").message_retention_days;
    expect(days("direct=365,group=90,project=3650")).toEqual({ direct: 365, group: 90, project: 3_650 });
    expect(days(" group = 1 ")).toEqual({ group: 1 });
    expect(days("")).toBeNull();
  });

  test("spaces around a value are removed, those of a password stay", () => {
    const config = loadConfig(
      { SECRET_KEY: secret, LOG_LEVEL: " warn ", FIRST_SUPERUSER_PASSWORD: " with space " },
      "standalone",
    );
    expect(config).toMatchObject({ log_level: "warn", first_superuser_password: " with space " });
  });
});

describe("refusals: one line that names the variable and what it takes", () => {
  test.each([
    ["PORT", "70000", 'PORT takes a port from 1 to 65535, not "70000".'],
    ["PORT", "8o8o", 'PORT takes a port from 1 to 65535, not "8o8o".'],
    ["METRICS_PORT", "0", 'METRICS_PORT takes a port from 1 to 65535, not "0".'],
    ...["90", "direct=0", "direct=36501", "direct=1.5", "direct=1,direct=2", "channel=3", "direct=", "direct=1=2"].map(
      (text) =>
        [
          "MESSAGE_RETENTION_DAYS",
          text,
          `MESSAGE_RETENTION_DAYS takes whole days from 1 to 36500 by type such as direct=365,group=90,project=3650, not "${text}".`,
        ] as [string, string, string],
    ),
    ["ENVIRONMENT", "prod", 'ENVIRONMENT takes one of development, test, production, not "prod".'],
    ["LOG_LEVEL", "loud", 'LOG_LEVEL takes one of trace, debug, info, warn, error, not "loud".'],
    ["ISSUER", "stoa.example", 'ISSUER takes an http: or https: URL, not "stoa.example".'],
    ["ACCESS_TOKEN_EXPIRE_MINUTES", "0", 'ACCESS_TOKEN_EXPIRE_MINUTES takes a number above 0, up to 1440, not "0".'],
    ["REFRESH_TOKEN_EXPIRE_DAYS", "91", 'REFRESH_TOKEN_EXPIRE_DAYS takes a number above 0, up to 90, not "91".'],
    ["RATE_LIMIT_SCALE", "-1", 'RATE_LIMIT_SCALE takes a number, 0 or more, not "-1".'],
    ["RATE_LIMIT_SCALE", "1e3", 'RATE_LIMIT_SCALE takes a number, 0 or more, not "1e3".'],
    [
      "CORS_ORIGINS",
      "https://a.example/path",
      "CORS_ORIGINS takes origins such as https://app.example.com, separated by commas",
    ],
    ["CORS_ORIGINS", "[", "CORS_ORIGINS takes origins such as https://app.example.com, separated by commas"],
    ["CORS_ORIGINS", "*", "CORS_ORIGINS takes origins such as https://app.example.com, separated by commas"],
    ["TRUSTED_PROXIES", "10.0.0.0/33", "TRUSTED_PROXIES takes networks such as 10.0.0.0/8, separated by commas"],
    ["TRUSTED_PROXIES", "localhost", "TRUSTED_PROXIES takes networks such as 10.0.0.0/8, separated by commas"],
    ["TRUSTED_PROXIES", "::/0/0", "TRUSTED_PROXIES takes networks such as 10.0.0.0/8, separated by commas"],
    [
      "WEBHOOK_ALLOWED_HOSTS",
      "http://hooks.internal",
      "WEBHOOK_ALLOWED_HOSTS takes names of hosts and networks such as hooks.internal or 10.0.0.0/8, separated by commas",
    ],
    ["FIRST_SUPERUSER_EMAIL", "root", 'FIRST_SUPERUSER_EMAIL takes an e-mail address, not "root".'],
    ["CSP_MODE", "two\nlines", 'CSP_MODE takes one of strict, relaxed, disabled, not "two\\nlines".'],
    ["ACE_API_URL", "ftp://a", 'ACE_API_URL takes an http: or https: URL, not "ftp://a".'],
  ])("%s=%s", (name, value, message) => {
    expect(() => loadConfig({ SECRET_KEY: secret, [name]: value }, "standalone")).toThrow(message);
  });

  test.each([
    ["SECRET_KEY", "hunter2", "SECRET_KEY takes at least 32 bytes."],
    ["SECRET_KEY_PREVIOUS", "hunter2", "SECRET_KEY_PREVIOUS takes at least 32 bytes."],
    ["NATS_URL", "http://user:hunter2@nats", "NATS_URL takes nats: or tls: URLs, separated by commas."],
    ["SMTP_URL", "mail:hunter2", "SMTP_URL takes an smtp: or smtps: URL."],
    [
      "IDENTITY_DATABASE_URL",
      "mysql://hunter2",
      "IDENTITY_DATABASE_URL takes a file:, http:, https: or libsql: address.",
    ],
  ])("an invalid %s is not shown in the error", (name, value, message) => {
    const bad = () => loadConfig({ SECRET_KEY: secret, [name]: value }, "standalone");
    expect(bad).toThrow(message);
    expect(bad).not.toThrow("hunter2");
  });

  test("32 bytes count as bytes, not characters", () => {
    expect(loadConfig({ SECRET_KEY: "é".repeat(16) }, "standalone").secret_key).toHaveLength(16);
  });

  test("a service on its own requires NATS; standalone does not", () => {
    expect(() => loadConfig({ SECRET_KEY: secret }, "messaging")).toThrow(
      "NATS_URL is required by a service that runs on its own",
    );
  });
});

describe("production", () => {
  test.each([
    ["a generated SECRET_KEY", { SECRET_KEY: "" }, "SECRET_KEY must be set in production; it takes at least 32 bytes."],
    ["a generated first password", { FIRST_SUPERUSER_PASSWORD: "" }, "FIRST_SUPERUSER_PASSWORD must be set in prod"],
    ["an origin without HTTPS", { CORS_ORIGINS: "https://a.example,http://b.example" }, 'not "http://b.example".'],
    ["limits switched off", { RATE_LIMIT_SCALE: "0" }, "RATE_LIMIT_SCALE takes a number above 0 in production."],
  ])("refuses %s", (_what, change, message) => {
    expect(() => loadConfig({ ...safe, ...change }, "standalone")).toThrow(message);
  });

  test("accepts safe settings", () => {
    const config = loadConfig({ ...safe, CORS_ORIGINS: "https://a.example", RATE_LIMIT_SCALE: "0.5" }, "standalone");
    expect(config).toMatchObject({ environment: "production", rate_limit_scale: 0.5 });
  });

  test("services that create no superuser need no first password", () => {
    const { FIRST_SUPERUSER_PASSWORD: _, ...rest } = safe;
    expect(loadConfig({ ...rest, NATS_URL: "nats://nats:4222" }, "projects").first_superuser_password).toBeNull();
  });
});

describe("REGISTRATION", () => {
  test("is open, and in production for those who were invited, unless it says otherwise", () => {
    const registration = (env: Record<string, string>) =>
      loadConfig({ SECRET_KEY: secret, ...env }, "standalone").registration;
    expect([registration({}), registration({ ENVIRONMENT: "test" }), registration(safe)]).toEqual([
      "open",
      "open",
      "invited",
    ]);
    expect(registration({ ...safe, REGISTRATION: "open" })).toBe("open");
    expect(registration({ REGISTRATION: "closed" })).toBe("closed");
    expect(() => registration({ REGISTRATION: "none" })).toThrow("REGISTRATION takes one of open, invited, closed");
  });
});

describe("the generated SECRET_KEY", () => {
  test("stays the same, and only its owner may read it", () => {
    const dir = join(DATA_DIR, "fresh");
    const { secret_key } = loadConfig({ DATA_DIR: dir }, "standalone");
    expect(secret_key).toMatch(/^[\w-]{43,44}=?$/);
    expect(loadConfig({ DATA_DIR: dir }, "standalone").secret_key).toBe(secret_key);
    expect(statSync(join(dir, "secret_key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, "secret_key"), "utf8").trim()).toBe(secret_key);
  });

  test("is not made beside a database, which was made with the one that is missing", () => {
    const dir = join(DATA_DIR, "lost");
    mkdirSync(dir);
    writeFileSync(join(dir, "identity.db"), "not empty");
    expect(() => loadConfig({ DATA_DIR: dir }, "standalone")).toThrow(
      /^SECRET_KEY .*secret_key is missing beside identity\.db/,
    );
    expect(existsSync(join(dir, "secret_key"))).toBe(false);
    expect(loadConfig({ DATA_DIR: dir, SECRET_KEY: secret }, "standalone").secret_key).toBe(secret);
  });

  test.each(["", "\n", "cut off"])("is refused when its file holds no whole key: %j", (text) => {
    const dir = join(DATA_DIR, `short ${text.length}`);
    mkdirSync(dir);
    writeFileSync(join(dir, "secret_key"), text);
    expect(() => loadConfig({ DATA_DIR: dir }, "standalone")).toThrow(
      /^SECRET_KEY is not set, and .*secret_key holds no whole key \(at least 32 bytes\)\. Put that file back/,
    );
    expect(readFileSync(join(dir, "secret_key"), "utf8")).toBe(text);
    expect(loadConfig({ DATA_DIR: dir, SECRET_KEY: secret }, "standalone").secret_key).toBe(secret);
  });

  test("is not made when one is set", () => {
    const dir = join(DATA_DIR, "unused");
    loadConfig({ DATA_DIR: dir, SECRET_KEY: secret }, "standalone");
    expect(existsSync(dir)).toBe(false);
  });

  test("what the start would refuse is said without a start, and nothing is made", () => {
    const dir = join(DATA_DIR, "looked-at");
    expect(secretKeyFault(dir)).toBeUndefined();
    mkdirSync(dir);
    writeFileSync(join(dir, "identity.db"), "not empty");
    expect(secretKeyFault(dir)).toContain("secret_key is missing beside identity.db");
    mkdirSync(join(dir, "secret_key"));
    expect(secretKeyFault(dir)).toContain("(EISDIR)");
    rmSync(join(dir, "secret_key"), { recursive: true });
    writeFileSync(join(dir, "secret_key"), "cut off");
    expect(secretKeyFault(dir)).toContain("holds no whole key");
    writeFileSync(join(dir, "secret_key"), secret);
    expect(secretKeyFault(dir)).toBeUndefined();
    expect(() => secretKeyFault(join(dir, "secret_key"))).toThrow("(ENOTDIR)");
  });

  test("a folder that cannot be written is named, with the reason", () => {
    const file = join(DATA_DIR, "a-file");
    writeFileSync(file, "");
    chmodSync(file, 0o600);
    expect(() => loadConfig({ DATA_DIR: file }, "standalone")).toThrow(/^DATA_DIR takes a folder .* \(ENOTDIR\)\.$/);
    expect(() => loadConfig({ DATA_DIR: join("/proc", "none") }, "standalone")).toThrow(/^DATA_DIR takes a folder/);
  });
});

test("a process with an invalid environment ends with one line on stderr", async () => {
  const script = `import { configOrExit } from "${import.meta.dir}/index.ts"; console.log(configOrExit("standalone").port)`;
  const run = (env: Record<string, string>) =>
    Bun.spawnSync([process.execPath, "-e", script], { env: { PATH: process.env.PATH ?? "", DATA_DIR, ...env } });
  const bad = run({ PORT: "no" });
  expect(bad.exitCode).toBe(1);
  expect(bad.stderr.toString()).toBe('PORT takes a port from 1 to 65535, not "no".\n');
  expect(run({ PORT: "8123" }).stdout.toString()).toBe("8123\n");
});

describe("configOrExit, in this process", () => {
  const kept = { ...process.env };
  afterEach(() => {
    process.env = { ...kept };
    mock.restore();
  });

  test("returns the settings of the process's environment", () => {
    process.env = { SECRET_KEY: secret, PORT: "8124" };
    expect(configOrExit("standalone").port).toBe(8124);
  });

  test("prints one line and exits with 1", () => {
    process.env = { SECRET_KEY: "short" };
    const said = spyOn(process.stderr, "write").mockReturnValue(true);
    const exit = spyOn(process, "exit").mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    expect(() => configOrExit("standalone")).toThrow("exit 1");
    expect(exit).toHaveBeenCalledTimes(1);
    expect(said.mock.calls).toEqual([["SECRET_KEY takes at least 32 bytes.\n"]]);
  });
});

test("the example names every variable, once, and every line of it is a comment", () => {
  const text = envExample();
  for (const name of Object.keys(variables)) expect(text.match(new RegExp(`^# ${name}=`, "gm"))).toHaveLength(1);
  expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
});

test("CORPORATE_ROLES is pairs of a role of the directory and one of Stoa", () => {
  const { corporate_roles, corporate_session_days, corporate_local_passwords } = loadConfig(
    { CORPORATE_ROLES: "admin = admin,lead=manager" },
    "standalone",
  );
  expect(corporate_roles).toEqual([
    { directory: "admin", role: "admin" },
    { directory: "lead", role: "manager" },
  ]);
  expect([corporate_session_days, corporate_local_passwords]).toEqual([7, false]);
  for (const CORPORATE_ROLES of ["admin", "=admin", "admin=", "a=b=c", "*=member", "admin=*", "a=b,le*d=c"]) {
    expect(() => loadConfig({ CORPORATE_ROLES }, "standalone")).toThrow("CORPORATE_ROLES takes pairs");
  }
});
