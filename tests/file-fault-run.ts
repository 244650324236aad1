import { openDatabase, raw } from "@stoa/db";
import { services } from "@stoa/events";
import { eventually, type ServerProcess } from "@stoa/testing";
import { cursorFaults, type Databases, journalFaults, projectionFaults, reactionFaults } from "./agreement.ts";
import { Client, type Person, signUp } from "./client.ts";
import { followers } from "./followers.ts";
import { ledgerFaults } from "./ledger.ts";
import { oracleFaults } from "./oracles.ts";
import { random } from "./random.ts";
import { SteadyLoad } from "./steady-load.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

const PATIENT = { within: 60_000 };

/** How often something fails, and the seed that chooses when. */
export interface FileFaultRun {
  /** How often the process is killed with SIGKILL. */
  readonly kills: number;
  /** How often the disk is full: once the process is killed meanwhile, otherwise there is room again. */
  readonly full: number;
  readonly seed: number;
}

/** What a run has found. */
export interface FileFaultOutcome {
  /** How many commands were acknowledged. */
  readonly acknowledged: number;
  /** What is wrong, a line for each fault. */
  readonly faults: readonly string[];
}

/**
 * Kills standalone, whose databases are files, and lets its disk be full, under a steady load of commands that are retried
 * until they are acknowledged. Afterwards everything acknowledged must be there once, and the databases must agree.
 */
export async function runFileFaults({ kills, full, seed }: FileFaultRun): Promise<FileFaultOutcome> {
  const chance = random(seed);
  await using stoa = await startStandalone({ env: { ACCESS_TOKEN_EXPIRE_MINUTES: "600" } });
  const { standalone } = stoa.processes;
  if (!standalone) throw new Error("Standalone has one process.");
  const reader = await signUp(stoa.gatewayUrl, "reader");
  const load = new SteadyLoad(stoa.gatewayUrl, seed);
  await load.start(4);
  const some = async (least: number) => {
    const until = load.acknowledged + least + chance.below(30);
    await eventually(() => load.acknowledged >= until, { ...PATIENT, what: "The load going on" });
  };
  const faults: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await some(10);
    await standalone.kill9();
    await standalone.start();
  }
  for (let time = 0; time < full; time++) {
    await some(10);
    faults.push(...(await withoutRoom(stoa, standalone, reader)));
    if (time === 0) {
      await standalone.kill9();
      await standalone.start();
    } else {
      limitFiles(standalone, "unlimited");
    }
    await some(20);
    await eventually(async () => (await healthOf(stoa)).status === "ok", { ...PATIENT, what: "Health" });
  }
  const ledger = await load.stop();
  const databases = await openAll(stoa);
  try {
    await eventually(() => atRest(databases), { ...PATIENT, what: "Everything coming to rest" });
    const code = await standalone.stop();
    if (code !== 0) faults.push(`Standalone ended with ${code}.`);
    faults.push(...(await ledgerFaults(ledger, databases)), ...(await fileFaults(databases)));
  } finally {
    for (const service of services) databases[service].close();
  }
  return { acknowledged: load.acknowledged, faults };
}

/** Lets the disk be full until health says so of every database; what is wrong with the answers meanwhile. */
async function withoutRoom(stoa: Topology, standalone: ServerProcess, reader: Person): Promise<string[]> {
  // No file grows any more: 16 KiB are less than what each of them has.
  limitFiles(standalone, String(16 * 1_024));
  const said = await eventually(
    async () => {
      const health = await healthOf(stoa);
      const parts = (health.reasons ?? []).filter(({ reason }) => reason.startsWith("The last write failed"));
      return parts.length >= 2 && health;
    },
    { ...PATIENT, what: "Health that says that writes fail" },
  );
  const faults: string[] = [];
  if (said.status !== "degraded" || said.http !== 200) faults.push(`With a full disk health is ${said.status}.`);
  const read = await reader.get("/api/v1/projects");
  if (read.status !== 200) faults.push(`With a full disk a read is answered with ${read.status}.`);
  const write = await reader.post("/api/v1/projects", { name: "No room" });
  if (write.status !== 503 || write.body["error_code"] !== "unavailable") {
    faults.push(`With a full disk a write is answered with ${write.status}.`);
  }
  return faults;
}

/** The largest size of a file that the process may write, now; a write beyond it fails as one to a full disk does. */
function limitFiles({ pid }: ServerProcess, most: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["prlimit", "--pid", String(pid), `--fsize=${most}:unlimited`]);
  if (exitCode !== 0) throw new Error(`prlimit ended with ${exitCode}: ${stderr.toString()}`);
}

interface Health {
  readonly status: string;
  readonly reasons?: readonly { readonly part: string; readonly reason: string }[];
}

async function healthOf({ gatewayUrl }: Topology): Promise<Health & { http: number }> {
  const { status, body } = await new Client(gatewayUrl).get<Health & Record<string, unknown>>("/health");
  return { ...body, http: status };
}

async function openAll({ databaseUrls: { identity, projects, messaging } }: Topology): Promise<Databases> {
  return {
    identity: await openDatabase(identity),
    projects: await openDatabase(projects),
    messaging: await openDatabase(messaging),
  };
}

/** Whether every service has applied everything. */
async function atRest(databases: Databases): Promise<boolean> {
  for (const follower of followers) {
    const behind = await cursorFaults(follower, databases);
    if (behind.length > 0) throw new Error(behind.join("; "));
  }
  return true;
}

async function fileFaults(databases: Databases): Promise<string[]> {
  const found: string[] = [];
  for (const service of services) {
    const [check] = await databases[service].query(raw("pragma integrity_check"));
    if (check?.["integrity_check"] !== "ok") found.push(`${service}: ${String(check?.["integrity_check"])}`);
    found.push(...(await journalFaults(service, databases[service])));
  }
  for (const follower of followers) {
    found.push(...(await cursorFaults(follower, databases)), ...(await projectionFaults(follower, databases)));
  }
  return [...found, ...(await reactionFaults(databases)), ...(await oracleFaults(databases))];
}
