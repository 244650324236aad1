import { expect, test } from "bun:test";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { eventually, type ServerProcess, temporaryDirectory } from "@stoa/testing";
import { type Person, signUp } from "./client.ts";
import { command } from "./command.ts";
import { oracleFaults } from "./oracles.ts";
import { startDistributed } from "./topologies/compose.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

/** Databases that are restored from an older copy: nothing may be skipped in silence, and one command goes on. */
const MS = 300_000;

const PATIENT = { within: 60_000 };

/** Creates so many projects, each retried until it is acknowledged, and returns their ids. */
async function create(person: Person, count: number): Promise<string[]> {
  const made: string[] = [];
  for (let n = 0; n < count; n++) {
    const key = { "idempotency-key": crypto.randomUUID() };
    const id = await eventually(async () => {
      const { status, body } = await person.post("/api/v1/projects", { name: `Lock ${n}` }, key);
      return status === 201 && String(body["id"]);
    }, PATIENT);
    made.push(id);
  }
  return made;
}

/** Waits until each of these projects has its conversation. */
async function haveConversations(url: string, projects: readonly string[]): Promise<void> {
  const db = await openDatabase(url);
  try {
    await eventually(async () => {
      const rows = await db.query(sql`select project_id from conversations where type = 'project'`);
      const known = new Set(rows.map(({ project_id }) => project_id));
      return projects.every((id) => known.has(id));
    }, PATIENT);
  } finally {
    db.close();
  }
}

/** What health says of a service's events. */
async function reasonsAt(url: string): Promise<string> {
  const health = (await (await fetch(`${url}/health`)).json()) as { reasons?: readonly { reason: string }[] };
  return (health.reasons ?? []).map(({ reason }) => reason).join(" ");
}

function processOf(stoa: Topology, name: string): ServerProcess {
  const found = stoa.processes[name];
  if (!found) throw new Error(`There is no process ${name}.`);
  return found;
}

/** Checks that projections have what their sources have. */
async function agree({ databaseUrls: { identity, projects, messaging } }: Topology): Promise<void> {
  const databases = {
    identity: await openDatabase(identity),
    projects: await openDatabase(projects),
    messaging: await openDatabase(messaging),
  };
  await eventually(async () => (await oracleFaults(databases)).length === 0, PATIENT);
  for (const db of Object.values(databases)) db.close();
}

test(
  "a service's database is restored with its stream and without, slowly and at once: it is named, and accepted",
  async () => {
    await using folder = await temporaryDirectory("copies");
    await using stoa = await startDistributed();
    const [database, nats] = [processOf(stoa, "projects-db"), processOf(stoa, "nats")];
    const volume = join(stoa.volumes ?? "", "projects-db");
    const events = (...args: string[]) => stoa.cli?.("events", ...args);
    const ada = await signUp(stoa.gatewayUrl, "ada");
    const kept: string[] = [];
    for (const { stream, slowly } of [
      { stream: "kept", slowly: true },
      { stream: "kept", slowly: false },
      { stream: "lost", slowly: true },
      { stream: "lost", slowly: false },
    ]) {
      kept.push(...(await create(ada, 4)));
      await haveConversations(stoa.databaseUrls.messaging, kept);
      const copy = join(folder.path, `${stream}-${slowly}`);
      await database.stop();
      cpSync(volume, copy, { recursive: true });
      await database.start();
      const lost = await create(ada, 6);
      await haveConversations(stoa.databaseUrls.messaging, lost);

      if (stream === "lost") {
        await nats.kill9();
        rmSync(join(stoa.volumes ?? "", "nats"), { recursive: true });
      }
      await database.kill9();
      if (slowly)
        await eventually(async () => (await fetch(`${stoa.services.projects}/health/ready`)).status === 503, PATIENT);
      rmSync(volume, { recursive: true });
      cpSync(copy, volume, { recursive: true });
      await database.start();
      if (stream === "lost") await nats.start();

      kept.push(...(await create(ada, 8)));
      const named = async () =>
        `${await reasonsAt(stoa.services.projects)} ${await reasonsAt(stoa.services.messaging)}`.includes("Nothing is");
      await eventually(named, { ...PATIENT, what: `A restore with the stream ${stream}` });
      const status = await events("status");
      expect(status).toMatchObject({ code: 1, text: expect.stringContaining("run `bun run events accept projects`") });
      const accepted = await events("accept", "projects");
      expect(accepted).toMatchObject({ code: 0, text: expect.stringContaining("that the journal lacks") });
      await haveConversations(stoa.databaseUrls.messaging, kept);
      await eventually(async () => (await events("status"))?.code === 0, PATIENT);
      await agree(stoa);
    }
  },
  MS,
);

test.each<[string, readonly ServiceName[], boolean]>([
  ["one file is restored after a stop", ["projects"], false],
  ["two files are restored after a kill", ["identity", "projects"], true],
])(
  "in standalone, %s: what follows them stops and says so, and one command goes on",
  async (_what, restored, killed) => {
    await using folder = await temporaryDirectory("copies");
    await using stoa = await startStandalone();
    const standalone = processOf(stoa, "standalone");
    const fileOf = (service: ServiceName) => stoa.databaseUrls[service].replace(/^file:/, "");
    const dataDir = { DATA_DIR: join(fileOf("identity"), "..") };
    const ada = await signUp(stoa.gatewayUrl, "ada");
    const kept = await create(ada, 4);
    const conversations = async (ids: readonly string[]) => {
      await standalone.stop();
      await haveConversations(stoa.databaseUrls.messaging, ids);
    };
    await eventually(
      async () => (await ada.get<{ items: unknown[] }>("/api/v1/conversations")).body.items.length === 4,
    );
    await conversations(kept);
    for (const service of restored) cpSync(fileOf(service), join(folder.path, service));
    await standalone.start();
    const lost = await create(ada, 6);
    await signUp(stoa.gatewayUrl, "ben");
    await eventually(
      async () => (await ada.get<{ items: unknown[] }>("/api/v1/conversations")).body.items.length === 10,
    );
    if (killed) await standalone.kill9();
    else await standalone.stop();

    for (const service of restored) {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(fileOf(service) + suffix, { force: true });
      cpSync(join(folder.path, service), fileOf(service));
    }
    await standalone.start();
    kept.push(...(await create(ada, 8)));
    for (const service of restored) {
      const line = `Nothing is applied until you run \`bun run events accept ${service}\``;
      await eventually(async () => (await reasonsAt(stoa.gatewayUrl)).includes(line), PATIENT);
    }
    await standalone.stop();
    expect(await command(["run", "events", "status"], dataDir)).toMatchObject({ code: 1 });
    const accepted = await command(["run", "events", "accept", restored.at(-1) ?? ""], dataDir);
    expect(accepted).toMatchObject({ code: 0, text: expect.stringContaining("that the journal lacks") });
    if (restored.includes("identity")) await command(["run", "events", "accept", "identity"], dataDir);

    await standalone.start();
    await eventually(async () => (await reasonsAt(stoa.gatewayUrl)) === "", PATIENT);
    await eventually(
      async () => (await ada.get<{ items: unknown[] }>("/api/v1/conversations")).body.items.length >= 12,
    );
    await conversations([...kept, ...lost]);
    expect(await command(["run", "events", "status"], dataDir)).toMatchObject({ code: 0 });
    await agree(stoa);
  },
  MS,
);
