import { inProcess, startProjectors } from "@stoa/bus";
import { connectNats } from "@stoa/bus/nats";
import { type Database, newId, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append } from "@stoa/journal";
import { handlers } from "@stoa/projects/handlers";
import { temporaryDatabase } from "@stoa/testing";
import { startNats } from "@stoa/testing/servers/index";
import { root } from "../tests/topologies/local-service.ts";
import { quantile } from "./load.ts";
import { type Measurement, type Result, type Settings, withoutBound } from "./measurement.ts";
import { moment } from "./moment.ts";
import { quiet } from "./quiet.ts";

const perSecond = 200;
const warmUp = perSecond;

/** How long after its commit an event of identity is applied to projects' directory. */
export const projection: Measurement = {
  name: "projection",
  about: `from commit to applied projection at ${perSecond} events a second`,
  run: async (settings) => [await standalone(settings), await overNats(settings)],
};

/** Both databases in one process, as in standalone. */
async function standalone(settings: Settings): Promise<Result> {
  await using source = await temporaryDatabase("identity");
  await using target = await temporaryDatabase("projects");
  const transport = inProcess({ identity: source.db }, quiet);
  const applied = new Map<number, number>();
  const projectors = startProjectors({
    service: "projects",
    db: target.db,
    transport,
    handlers: handlers(900),
    log: quiet,
  });
  projectors.onApplied(() => note(applied, projectors.status()[0]?.seq ?? 0, moment()));
  const committed = await happen(source.db, settings);
  while ((projectors.status()[0]?.seq ?? 0) < committed.length) await Bun.sleep(20);
  await projectors.stop();
  await transport.close();
  return summary("standalone", committed, applied);
}

/** Writer and relay in this process, the projector in another, and a real NATS server between them. */
async function overNats(settings: Settings): Promise<Result> {
  await using source = await temporaryDatabase("identity");
  await using target = await temporaryDatabase("projects");
  await using server = await startNats();
  const transport = connectNats({ servers: server.url, name: "identity", log: quiet });
  const copying = transport.relay({ service: "identity", db: source.db });
  const command = [process.execPath, `${root}/bench/projector.ts`, server.url, target.url];
  const projector = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  const committed = await happen(source.db, settings);
  projector.stdin.write(String(committed.length));
  await projector.stdin.end();
  const applied = new Map(JSON.parse(await new Response(projector.stdout).text()) as [number, number][]);
  if ((await projector.exited) !== 0) throw new Error("The projector failed.");
  await copying.stop();
  await transport.close();
  return summary("NATS", committed, applied);
}

/** Notes the time at which everything up to a sequence had been applied. */
export function note(applied: Map<number, number>, seq: number, at: number): void {
  for (let each = seq; each > 0 && !applied.has(each); each--) applied.set(each, at);
}

/**
 * Commits events at even intervals.
 *
 * @returns when each had been committed; the first second is for warming up
 */
async function happen(db: Database, { seconds, rounds }: Settings): Promise<number[]> {
  const count = warmUp + Math.ceil(seconds * rounds * perSecond);
  const committed: number[] = [];
  const began = performance.now();
  while (committed.length < count) {
    const wait = began + (committed.length * 1_000) / perSecond - performance.now();
    if (wait > 0) await Bun.sleep(wait);
    const user_id = newId();
    const data = { user_id, username: `user-${committed.length}`, full_name: "Someone", is_superuser: false };
    const time = new Date().toISOString();
    const event = append(system, {
      type: "user.registered",
      aggregate_id: user_id,
      time,
      data: { ...data, roles: [], source: "self" },
    });
    await db.write([event.statement, sql`select ${event.happened}`]);
    committed.push(moment());
  }
  return committed;
}

function summary(transport: string, committed: readonly number[], applied: ReadonlyMap<number, number>): Result {
  const delays = committed.map((at, index) => (applied.get(index + 1) ?? Number.NaN) - at).slice(warmUp);
  if (delays.some(Number.isNaN)) throw new Error("An event was not seen to be applied.");
  return withoutBound(`commit to applied projection, ${transport}`, {
    events: delays.length,
    p50_ms: quantile(delays, 0.5),
    p99_ms: quantile(delays, 0.99),
  });
}
