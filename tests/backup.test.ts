import { expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Database, openDatabase, sql } from "@stoa/db";
import { type ServiceName, services } from "@stoa/events";
import { eventually, holdPort, startProcess, temporaryDirectory } from "@stoa/testing";
import { Client, signUp } from "./client.ts";
import { command } from "./command.ts";
import { SteadyLoad } from "./steady-load.ts";
import { root } from "./topologies/local-service.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

/** Backups of a running standalone, and what they are for. */
const MS = 120_000;

interface Backup {
  readonly id: string;
  readonly journals: Readonly<Record<ServiceName, { readonly seq: number }>>;
}

const fileOf = (stoa: Topology, service: ServiceName) => stoa.databaseUrls[service].replace(/^file:/, "");

/** Standalone, with the process that runs it, its data folder, and a client that is the superuser. */
async function running(stoa: Topology) {
  const process = stoa.processes["standalone"];
  if (!process) throw new Error("Standalone has one process.");
  const logIn = async () => {
    const { email: username, password } = stoa.superuser;
    const login = { username, password };
    const tokens = await new Client(stoa.gatewayUrl).must<{ access_token: string }>(
      200,
      "POST",
      "/api/v1/auth/login",
      login,
    );
    return new Client(stoa.gatewayUrl, tokens.access_token);
  };
  return { process, logIn, dataDir: dirname(fileOf(stoa, "identity")) };
}

const valuesOf = async (db: Database, query: ReturnType<typeof sql>) =>
  new Set((await db.query(query)).map((row) => String(Object.values(row)[0])));

test(
  "everything acknowledged before a backup under load is there after the folder was wiped and restored",
  async () => {
    await using folder = await temporaryDirectory("drill");
    const backups = join(folder.path, "backups");
    await using stoa = await startStandalone({ env: { BACKUP_DIR: backups } });
    const { process: standalone, logIn, dataDir } = await running(stoa);
    const load = new SteadyLoad(stoa.gatewayUrl, 1);
    await load.start(6);
    await eventually(() => load.acknowledged > 100);
    const admin = await logIn();

    const before = structuredClone(load.ledger);
    const backup = await admin.must<Backup>(201, "POST", "/api/v1/admin/backups");
    const at = load.acknowledged;
    await eventually(() => load.acknowledged > at + 50);
    const second = await command(["run", "backup", "--to", join(folder.path, "more")], { DATA_DIR: dataDir });
    expect(second).toMatchObject({ code: 0, text: expect.stringContaining("wrote ") });
    await load.stop();
    const list = await admin.must<{ items: Backup[] }>(200, "GET", "/api/v1/admin/backups");
    expect(list.items).toEqual([backup]);
    const [name = ""] = readdirSync(backups).filter((entry) => entry !== ".lock");
    const restoring = ["run", "restore", join(backups, name)];
    expect(await command(restoring, { DATA_DIR: dataDir })).toMatchObject({
      code: 1,
      text: expect.stringContaining("Stoa is already running"),
    });

    expect(await standalone.stop()).toBe(0);
    rmSync(dataDir, { recursive: true });
    const restored = await command(restoring, { DATA_DIR: dataDir });
    expect(restored).toMatchObject({ code: 0, text: expect.stringContaining("Restored the backup") });

    const open = (service: ServiceName) => openDatabase(`file:${fileOf(stoa, service)}`);
    const [identity, projects, messaging] = [await open("identity"), await open("projects"), await open("messaging")];
    const databases = { identity, projects, messaging };
    const missing = async (db: Database, query: ReturnType<typeof sql>, wanted: Iterable<string>) => {
      const there = await valuesOf(db, query);
      return [...wanted].filter((value) => !there.has(value));
    };
    expect(before.tasks.size).toBeGreaterThan(10);
    expect(await missing(identity, sql`select username from users`, before.users.keys())).toEqual([]);
    expect(await missing(projects, sql`select id from projects`, before.projects.values())).toEqual([]);
    expect(await missing(projects, sql`select id from tasks`, before.tasks.values())).toEqual([]);
    const done = sql`select id from tasks where status = 'completed'`;
    expect(await missing(projects, done, before.completed)).toEqual([]);
    expect(await missing(messaging, sql`select id from messages`, before.messages.values())).toEqual([]);
    for (const service of services) {
      const [row] = await databases[service].query(sql`select max(seq) as seq, count(*) as n from journal`);
      expect(row).toEqual({ seq: backup.journals[service].seq, n: backup.journals[service].seq });
      databases[service].close();
    }

    // What the consumers had not applied yet when they were copied, they apply now.
    await standalone.start();
    await eventually(async () => {
      const health = await new Client(stoa.gatewayUrl).get<{ status: string; events: { lag: number } }>("/health");
      return health.body.status === "ok" && health.body.events.lag === 0;
    });
    const again = await logIn();
    const [id = ""] = before.tasks.values();
    await again.must(200, "GET", `/api/v1/tasks/${id}`);
    expect(await standalone.stop()).toBe(0);
  },
  MS,
);

test(
  "after a stop, whoever copies the database files alone has everything",
  async () => {
    await using folder = await temporaryDirectory("copies");
    await using stoa = await startStandalone();
    const { process: standalone } = await running(stoa);
    const ana = await signUp(stoa.gatewayUrl, "ana");
    const project = await ana.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Quay" });
    const conversation = await eventually(async () => {
      const { body } = await ana.get<{ items: { id: string; project_id: string }[] }>("/api/v1/conversations");
      return body.items.find(({ project_id }) => project_id === project.id);
    });
    expect(await standalone.stop()).toBe(0);
    const rows: Readonly<Record<ServiceName, ReturnType<typeof sql>>> = {
      identity: sql`select 1 from users where id = ${ana.id}`,
      projects: sql`select 1 from projects where id = ${project.id}`,
      messaging: sql`select 1 from conversations where id = ${conversation.id}`,
    };
    for (const service of services) {
      const copy = join(folder.path, `${service}.db`);
      copyFileSync(fileOf(stoa, service), copy);
      const db = await openDatabase(`file:${copy}`);
      expect(await db.query(rows[service])).toHaveLength(1);
      db.close();
    }
  },
  MS,
);

/** Every file and folder below a folder. */
function* below(path: string): Generator<string> {
  yield path;
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) yield* below(join(path, name));
}

test(
  "nobody but the owner may read a file of the data folder, whatever the umask and whoever made the folder",
  async () => {
    await using folder = await temporaryDirectory("modes");
    using held = await holdPort();
    const url = `http://127.0.0.1:${held.port}`;
    const dataDir = join(folder.path, "data");
    mkdirSync(join(dataDir, "outbox"), { recursive: true });
    for (const path of [dataDir, join(dataDir, "outbox")]) chmodSync(path, 0o777);
    for (const name of ["secret_key", "outbox/an-older.eml", "identity.db"]) {
      writeFileSync(join(dataDir, name), name === "secret_key" ? "a secret of at least thirty-two characters" : "");
      chmodSync(join(dataDir, name), 0o666);
    }
    const env = {
      PORT: String(held.port),
      HOST: "127.0.0.1",
      DATA_DIR: dataDir,
      ISSUER: url,
      LOG_LEVEL: "warn",
      FIRST_SUPERUSER_PASSWORD: "nine swans under the bridge",
    };
    const start = `umask 0; exec "${process.execPath}" deploy/standalone/main.ts --accept-new`;
    await using stoa = await startProcess(["sh", "-c", start], {
      env,
      cwd: root,
      ready: async () => (await fetch(`${url}/health/ready`)).ok,
    });
    const ana = await signUp(url, "ana");
    await ana.must(202, "POST", "/api/v1/auth/email/verification");
    const tokens = await new Client(url).must<{ access_token: string }>(200, "POST", "/api/v1/auth/login", {
      username: "admin@example.com",
      password: env.FIRST_SUPERUSER_PASSWORD,
    });
    await new Client(url, tokens.access_token).must(201, "POST", "/api/v1/admin/backups");
    const paths = await eventually(() => {
      const all = [...below(dataDir)];
      return all.some((path) => /[\da-f]\.eml$/.test(path)) && all;
    });
    const exposed = paths.filter((path) => (statSync(path).mode & 0o077) !== 0);
    expect(exposed).toEqual([]);
    const kinds = new Set(paths.map((path) => basename(path).replace(/^[\da-f-]{36}|^[\dTZ-]+$/, "*")));
    for (const name of ["identity.db", "identity.db-wal", "identity.db-shm", ".lock", "secret_key", "*.eml", "*"]) {
      expect([...kinds]).toContain(name);
    }
    expect(await stoa.stop()).toBe(0);
  },
  MS,
);

test(
  "after an erasure the names and addresses of the user are in no file of the data folder",
  async () => {
    await using stoa = await startStandalone();
    const { process: standalone, dataDir } = await running(stoa);
    const base = stoa.gatewayUrl;
    const [fay, gil] = [await signUp(base, "xanthippe"), await signUp(base, "gil")];
    const moved = `xanthippe-${crypto.randomUUID().slice(0, 8)}@moved.example`;
    await fay.must(202, "POST", "/api/v1/auth/email/verification");
    await fay.must(202, "POST", "/api/v1/auth/password/forgot", { email: `${fay.username}@example.com` });
    await fay.must(200, "PATCH", "/api/v1/auth/me", { bio: "Zephyrine of the weir", email: moved });
    await new Client(base).post("/api/v1/auth/login", { username: fay.username, password: "not this one at all" });
    const project = await gil.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Breakwater" });
    const members = `/api/v1/projects/${project.id}/users`;
    await gil.must(201, "POST", members, { username: fay.username, role: "developer" });
    await gil.must(201, "POST", "/api/v1/conversations", { type: "direct", participant_ids: [fay.id] });
    await eventually(async () => (await fay.get<{ items: unknown[] }>("/api/v1/conversations")).body.items.length >= 2);

    const names = [fay.username, "xanthippe", "moved.example", "Zephyrine"];
    const found = () =>
      [...below(dataDir)].flatMap((path) => {
        if (!statSync(path).isFile()) return [];
        const bytes = readFileSync(path, "latin1").toLowerCase();
        return names.filter((name) => bytes.includes(name.toLowerCase())).map((name) => `${basename(path)}: ${name}`);
      });
    const mails = () => found().filter((line) => line.includes(".eml: xanthippe"));
    await eventually(() => mails().length >= 3);
    expect(new Set(found().map((line) => line.split(":")[0]?.replace(/^[\da-f-]{36}/, "*")))).toEqual(
      new Set(["identity.db-wal", "projects.db-wal", "messaging.db-wal", "*.eml"]),
    );

    await fay.must(204, "DELETE", "/api/v1/auth/me", { password: fay.password });
    await eventually(async () => {
      const { body } = await gil.get<{ items: { participants: { username: string | null }[] }[] }>(
        "/api/v1/conversations",
      );
      const left = body.items.flatMap(({ participants }) => participants.map(({ username }) => username));
      const project_now = await gil.get<{ members: unknown[] }>(`/api/v1/projects/${project.id}`);
      return !left.includes(fay.username) && project_now.body.members.length === 1;
    });
    await eventually(() => mails().length === 0);
    // While it goes on running, too.
    await eventually(() => found().length === 0, { within: 50_000 });
    const others = readdirSync(join(dataDir, "outbox"));
    expect(await standalone.stop()).toBe(0);
    expect(found()).toEqual([]);
    expect(others.length).toBeGreaterThan(0);
  },
  MS,
);
