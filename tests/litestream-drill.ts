import { Database } from "bun:sqlite";
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ServiceName, services } from "@stoa/events";
import { eventually, startProcess, temporaryDirectory } from "@stoa/testing";
import { program } from "@stoa/testing/servers/index";
import { litestreamFolder } from "../scripts/pretest/litestream.ts";
import { Client, signUp } from "./client.ts";
import { root } from "./topologies/local-service.ts";
import { startStandalone } from "./topologies/standalone.ts";

/** What a drill has found. */
export interface DrillReport {
  /** How many creates were answered with each status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** The longest that a create took; milliseconds. */
  readonly worst_ms: number;
  /** The longest journals, by service, and what differs: no line when restored and live journals are the same. */
  readonly faults: readonly string[];
  /** Events of projects: half-way, restored to that moment, and in all. */
  readonly half: number;
  readonly restoredToHalf: number;
  readonly whole: number;
}

const binary = () => {
  const own = join(litestreamFolder, "bin/litestream");
  return existsSync(own) ? own : program("litestream");
};

/**
 * Runs Litestream beside standalone with the configuration of deploy/litestream, creates tasks one after another, and
 * restores the three databases: to a moment half-way, and to the end.
 */
export async function litestreamDrill(creates: number): Promise<DrillReport> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("litestream"));
  const stoa = stack.use(await startStandalone());
  const fileOf = (service: ServiceName) => stoa.databaseUrls[service].replace(/^file:/, "");
  const env = {
    DATA_DIR: dirname(fileOf("identity")),
    LITESTREAM_URL: `file://${join(folder.path, "replica")}`,
  };
  const config = ["-config", join(root, "deploy/litestream/litestream.yml")];
  const litestream = stack.use(await startProcess([binary(), "replicate", ...config], { env, cwd: root }));

  const ana = await signUp(stoa.gatewayUrl, "ana");
  const { id } = await ana.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Harbour" });
  const statuses: Record<number, number> = {};
  let worst_ms = 0;
  const create = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const began = performance.now();
      const { status } = await ana.post("/api/v1/tasks", { title: `Task ${n}`, project_id: id });
      worst_ms = Math.max(worst_ms, performance.now() - began);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  const restore = async (service: ServiceName, ...options: string[]): Promise<readonly JournalRow[]> => {
    const output = join(folder.path, `${service}-${crypto.randomUUID()}.db`);
    const args = ["restore", ...config, "-o", output, ...options, fileOf(service)];
    const child = Bun.spawn([binary(), ...args], { env, cwd: root, stdout: "ignore", stderr: "pipe" });
    const [errors, code] = await Promise.all([child.stderr.text(), child.exited]);
    if (code !== 0) throw new Error(`litestream ${args.join(" ")} ended with ${code}: ${errors}`);
    const rows = journalIn(output);
    rmSync(output);
    return rows;
  };

  await create(Math.ceil(creates / 2));
  const half = await quiet(stoa.gatewayUrl, fileOf);
  for (const service of services) {
    await eventually(async () => (await restore(service)).length === half[service].length, {
      what: `Half of ${service} is in the replica`,
    });
  }
  const moment = new Date().toISOString();
  await create(Math.floor(creates / 2));
  const whole = await quiet(stoa.gatewayUrl, fileOf);
  const standalone = stoa.processes["standalone"];
  const [stopped, ended] = [await standalone?.stop(), await litestream.stop()];

  const faults: string[] = [];
  if (stopped !== 0) faults.push(`standalone ended with ${stopped}: ${standalone?.output()}`);
  if (ended !== 0) faults.push(`litestream ended with ${ended}: ${litestream.output()}`);
  let restoredToHalf = 0;
  for (const service of services) {
    const last = await restore(service);
    if (!Bun.deepEquals(last, whole[service])) faults.push(differs(service, "the end", last, whole[service]));
    const then = await restore(service, "-timestamp", moment);
    if (!Bun.deepEquals(then, half[service])) faults.push(differs(service, moment, then, half[service]));
    if (service === "projects") restoredToHalf = then.length;
  }
  return { statuses, worst_ms, faults, half: half.projects.length, restoredToHalf, whole: whole.projects.length };
}

type JournalRow = Readonly<Record<string, unknown>>;
type Journals = Readonly<Record<ServiceName, readonly JournalRow[]>>;

function differs(service: ServiceName, at: string, is: readonly JournalRow[], should: readonly JournalRow[]): string {
  return `${service} restored to ${at} has ${is.length} events, of which the live journal had ${should.length}`;
}

/** The journals once every service has applied every event, so that none of them grows any more. */
async function quiet(url: string, fileOf: (service: ServiceName) => string): Promise<Journals> {
  const read = () => ({
    identity: journalIn(fileOf("identity")),
    projects: journalIn(fileOf("projects")),
    messaging: journalIn(fileOf("messaging")),
  });
  return eventually(async () => {
    const before = read();
    const { body } = await new Client(url).get<{ events: { lag: number } }>("/health");
    const after = read();
    return body.events.lag === 0 && Bun.deepEquals(before, after) && after;
  });
}

/** A journal, read beside the server as any other program would. */
function journalIn(path: string): readonly JournalRow[] {
  const db = new Database(path, { readonly: true });
  try {
    db.run("pragma busy_timeout = 5000");
    const [check] = db.prepare("pragma quick_check").values();
    if (check?.[0] !== "ok") throw new Error(`${path}: ${String(check?.[0])}`);
    return db.prepare<JournalRow, []>("select * from journal order by seq").all();
  } finally {
    db.close();
  }
}
