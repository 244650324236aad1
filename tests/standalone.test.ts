import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, holdPort, startProcess, temporaryDirectory } from "@stoa/testing";
import { Client, signUp } from "./client.ts";
import { root } from "./topologies/local-service.ts";
import { startStandalone } from "./topologies/standalone.ts";

const MS = 60_000;

async function started() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("standalone"));
  const { port } = stack.use(await holdPort());
  const url = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port), HOST: "127.0.0.1", DATA_DIR: join(folder.path, "data"), LOG_LEVEL: "warn" };
  const options = { env, cwd: root, ready: async () => (await fetch(`${url}/health/ready`)).ok };
  const owned = stack.move();
  return { url, env, options, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test(
  "the first start prints where things are and the superuser's password; later ones print no password",
  async () => {
    await using setting = await started();
    const { url, options } = setting;
    await using stoa = await startProcess([process.execPath, "deploy/standalone/main.ts"], options);
    const first = stoa.output();
    for (const text of ["Stoa is ready (", "/api/v1", "/docs", "/health", "curl "]) expect(first).toContain(text);
    const password = /Password\s+(\S+)/.exec(first)?.[1] ?? "";
    const login = await fetch(`${url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "admin@example.com", password }),
    });
    expect(login.status).toBe(200);
    expect(await stoa.stop()).toBe(0);
    await stoa.start();
    expect(stoa.output()).toContain("Stoa is ready (");
    expect(stoa.output()).not.toContain("Password");
  },
  MS,
);

test(
  "one log line tells of the start, one of the stop; warnings name settings that are probably not meant",
  async () => {
    await using setting = await started();
    const env = {
      ...setting.env,
      LOG_LEVEL: "info",
      ISSUER: "https://stoa.example",
      FIRST_SUPERUSER_PASSWORD: "five otters by the weir",
      STOA_PORT: "1",
    };
    const command = [process.execPath, "deploy/standalone/main.ts"];
    await using stoa = await startProcess(command, { ...setting.options, env });
    const logged = (message: string) =>
      stoa
        .output()
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line))
        .filter(({ msg }) => msg === message);
    await eventually(() => logged("started").length > 0);
    expect(logged("started")).toMatchObject([
      {
        level: "info",
        version: "0.1.0",
        topology: "standalone",
        settings: { ISSUER: "https://stoa.example", FIRST_SUPERUSER_PASSWORD: "***", PORT: env.PORT },
      },
    ]);
    expect(logged("started")[0].migrations).toContain("identity/0000_initial");
    expect(logged("STOA_PORT is not a variable of Stoa; PORT is.")).toMatchObject([{ level: "warn" }]);
    expect(stoa.output()).toContain("https://stoa.example/api/v1");
    expect(stoa.output()).not.toContain("otters");
    expect(await stoa.stop()).toBe(0);
    expect(logged("stopped")).toHaveLength(1);
    await stoa.start();
    await eventually(() => logged("started").length > 0);
    expect(logged("started")).toMatchObject([{ migrations: [] }]);
  },
  MS,
);

test(
  "a second Stoa in the same folder refuses to start with one line, and the first goes on",
  async () => {
    await using setting = await started();
    const { url, env, options } = setting;
    await using stoa = await startProcess([process.execPath, "deploy/standalone/main.ts"], options);
    using another = await holdPort();
    const second = Bun.spawn([process.execPath, "deploy/standalone/main.ts"], {
      cwd: root,
      env: { ...env, PORT: String(another.port), PATH: process.env.PATH },
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await second.exited).toBe(1);
    const said = await new Response(second.stderr).text();
    expect(said.trim().split("\n")).toHaveLength(1);
    expect(said).toContain("already running");
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await stoa.stop()).toBe(0);
  },
  MS,
);

test(
  "one SQLite is in the process, and after a stop each database is whole in its file",
  async () => {
    await using stoa = await startStandalone();
    const process = stoa.processes["standalone"];
    const ana = await signUp(stoa.gatewayUrl, "ana");
    expect((await ana.get("/api/v1/auth/me/export")).status).toBe(200);
    // If libSQL's library were loaded, it would be mapped into memory under this name.
    if (existsSync("/proc/self/maps")) {
      expect(readFileSync(`/proc/${process?.pid}/maps`, "utf8")).not.toMatch(/libsql[^\n]*\.node/);
    }
    expect(await process?.stop()).toBe(0);
    for (const url of Object.values(stoa.databaseUrls)) {
      const log = Bun.file(`${url.replace(/^file:/, "")}-wal`);
      expect((await log.exists()) ? log.size : 0).toBe(0);
    }
  },
  MS,
);

test(
  "`bun start` leaves development packages, forwards SIGTERM and exits with 0; a second signal does not force the exit",
  async () => {
    await using setting = await started();
    await using stoa = await startProcess([process.execPath, "run", "start"], setting.options);
    // It installs only what running needs, and must not remove the rest from a developer's checkout.
    expect(existsSync(join(root, "node_modules/typescript/package.json"))).toBe(true);
    stoa.signal("SIGTERM");
    stoa.signal("SIGTERM");
    expect(await stoa.exited()).toBe(0);
  },
  MS,
);

test(
  "when it is stopped it answers running requests, ends streams and accepts no new requests",
  async () => {
    await using stoa = await startStandalone();
    const process = stoa.processes["standalone"];
    const ana = await signUp(stoa.gatewayUrl, "ana");
    const stream = await ana.stream();
    // Passwords are hashed one after another, so when the first login is answered the others are still running.
    const { username, password } = ana;
    const logins = Array.from({ length: 8 }, () =>
      new Client(stoa.gatewayUrl).post("/api/v1/auth/login", { username, password }),
    );
    await Promise.race(logins);
    process?.signal("SIGTERM");
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    await eventually(() => stream.ended);
    expect(await process?.exited()).toBe(0);
    await expect(fetch(`${stoa.gatewayUrl}/health/live`)).rejects.toThrow();
  },
  MS,
);
