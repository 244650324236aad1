import { join } from "node:path";
import { type Database, openDatabase, sql } from "@stoa/db";
import { eventually, rowsOf, temporaryDirectory } from "@stoa/testing";
import { type Person, signUp } from "./client.ts";
import { type Random, random } from "./random.ts";
import { root } from "./topologies/local-service.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

/** How often an import is killed, and the seed that chooses when. */
export interface ImportKillRun {
  readonly rounds: number;
  readonly seed: number;
  /** Tasks of the file; 2,500 unless given. */
  readonly tasks?: number;
  readonly log: (line: string) => void;
}

/** What an import has come to: as many events, and the same things. */
interface Outcome {
  readonly events: number;
  readonly things: readonly Record<string, unknown>[];
}

/**
 * Imports a file by the command line into a running Stoa once undisturbed, and then again and again under another source,
 * each time killing the server or the command at some moment and running the command again until it ends well.
 *
 * @returns what differs from the undisturbed import, a line for each fault
 */
export async function runImportKills({ rounds, seed, tasks = 2_500, log }: ImportKillRun): Promise<string[]> {
  const chance = random(seed);
  await using stoa = await startStandalone({ env: { ACCESS_TOKEN_EXPIRE_MINUTES: "600" } });
  await using folder = await temporaryDirectory("import-kills");
  const path = join(folder.path, "tracker.jsonl");
  const ada = await signUp(stoa.gatewayUrl, "ada");
  await Bun.write(path, fileOf(ada, tasks));
  using db = Object.assign(await openDatabase(stoa.databaseUrls.projects), {
    [Symbol.dispose]: () => db.close(),
  });
  const began = performance.now();
  const clean = await outcomeOf(db, "clean", async () => {
    const code = await start(stoa, ada, path, "clean").exited;
    if (code !== 0) throw new Error(`The undisturbed import ended with ${code}.`);
  });
  const takes = performance.now() - began;
  const faults: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    const source = `round ${round}`;
    let killed = "";
    const outcome = await outcomeOf(db, source, async () => {
      killed = await killOnce(stoa, ada, path, source, { chance, within: takes });
      await eventually(async () => (await start(stoa, ada, path, source).exited) === 0, {
        within: 60_000,
        what: "The import ending well",
      });
    });
    log(`round ${round}: ${killed}; ${outcome.events} events`);
    if (outcome.events !== clean.events) faults.push(`${source}: ${outcome.events} events, not ${clean.events}`);
    if (JSON.stringify(outcome.things) !== JSON.stringify(clean.things)) faults.push(`${source}: other things`);
  }
  return faults;
}

/** A project with a member, subtasks before their parents, labels and assignments. */
function fileOf(ada: Person, tasks: number): string {
  const half = 2 * Math.floor(tasks / 4);
  const lines = [
    { kind: "user", external_id: "u", user_id: ada.id },
    ...[0, 1].map((n) => ({ kind: "project", external_id: `p${n}`, name: `Kiln ${n}` })),
    ...Array.from({ length: tasks }, (_, n) => ({
      kind: "task",
      external_id: `t${n}`,
      project: `p${n % 2}`,
      title: `Fire pot ${n}`,
      labels: [`shelf ${n % 7}`],
      // An even distance: the parent is of the same project.
      ...(n % 3 === 0 && n < half && { parent: `t${n + half}` }),
    })),
    ...Array.from({ length: Math.floor(tasks / 10) }, (_, n) => ({
      kind: "assignee",
      external_id: `a${n}`,
      task: `t${n * 10}`,
      user: "u",
    })),
  ];
  return lines.map((line) => JSON.stringify(line)).join("\n");
}

function start({ gatewayUrl }: Topology, ada: Person, path: string, source: string) {
  return Bun.spawn([process.execPath, "deploy/cli/main.ts", "projects", "import", path, "--source", source], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", STOA_URL: gatewayUrl, STOA_TOKEN: ada.token ?? "" },
    stdout: "ignore",
    stderr: "ignore",
  });
}

/** Kills the server, which is started again, or the command, at a moment of the import. */
async function killOnce(
  stoa: Topology,
  ada: Person,
  path: string,
  source: string,
  { chance, within }: { readonly chance: Random; readonly within: number },
): Promise<string> {
  const ms = Math.round(chance.next() * within);
  const { standalone } = stoa.processes;
  const command = start(stoa, ada, path, source);
  await Promise.race([Bun.sleep(ms), command.exited]);
  if (chance.below(2) === 0 || !standalone) {
    command.kill("SIGKILL");
    await command.exited;
    return `the command was killed after ${ms} ms`;
  }
  await standalone.kill9();
  command.kill("SIGKILL");
  await command.exited;
  await standalone.start();
  return `the server was killed after ${ms} ms`;
}

async function outcomeOf(db: Database, source: string, work: () => Promise<unknown>): Promise<Outcome> {
  const count = async () => (await rowsOf<{ n: number }>(db, sql`select count(*) as n from journal`))[0]?.n ?? 0;
  const before = await count();
  await work();
  const things = await rowsOf<Record<string, unknown>>(
    db,
    sql`select i.kind, i.external_id, t.title, t.labels, t.assignee_ids, t.version, p.external_id as project,
        a.external_id as parent, coalesce(h.name, '') as name, h.version as project_version,
        (select count(*) from tasks where project_id = h.id) as tasks, c.last_number
      from imported i left join tasks t on t.id = i.entity_id and i.kind = 'task'
        left join projects h on h.id = i.entity_id and i.kind = 'project'
        left join counters c on c.scope_id = h.id
        left join imported p on p.entity_id = t.project_id and p.kind = 'project' and p.source = i.source
        left join imported a on a.entity_id = t.parent_id and a.kind = 'task' and a.source = i.source
      where i.source = ${source} order by i.kind, i.external_id`,
  );
  return { events: (await count()) - before, things };
}
