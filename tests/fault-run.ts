import { join } from "node:path";
import { openDatabase } from "@stoa/db";
import { services } from "@stoa/events";
import { lastSeq } from "@stoa/journal";
import { eventually } from "@stoa/testing";
import type { JetStreamManager, NatsConnection } from "nats";
import { cursorFaults, type Databases, faults } from "./agreement.ts";
import { followers } from "./followers.ts";
import { ledgerFaults } from "./ledger.ts";
import { oracleFaults } from "./oracles.ts";
import { type Random, random } from "./random.ts";
import { SteadyLoad } from "./steady-load.ts";
import { startDistributed } from "./topologies/compose.ts";
import type { Topology } from "./topologies/topology.ts";

/** How often something fails, and the seed that chooses it. */
export interface FaultRun {
  /** In each round a part is killed, and requests or answers between a service and its database are lost. */
  readonly rounds: number;
  /** False when only requests and answers are lost. */
  readonly kills?: boolean;
  /** How many commands must have been acknowledged at the end; as many as there are otherwise. */
  readonly commands?: number;
  /** A module of `tests/plants`, a fault that the run must find. */
  readonly plant?: string | undefined;
  /** The same seed chooses the same faults. */
  readonly seed: number;
  readonly log: (line: string) => void;
}

/** Stoa after a run, when no event is on its way. */
export interface Aftermath {
  /** How many commands were acknowledged. */
  readonly acknowledged: number;
  readonly databases: Databases;
  readonly nats: NatsConnection;
  /** All faults that there are now; it must be empty. */
  look(): Promise<string[]>;
}

/** The processes that may be killed at any moment. Relays and projectors run in the services. */
const targets = ["identity", "projects", "messaging", "nats", "identity-db", "projects-db", "messaging-db"] as const;

/**
 * Kills parts of the distributed topology under a steady load, loses requests and answers between services and databases,
 * deletes a stream and stops NATS for ten seconds. Then it waits until no event is on its way, and passes Stoa on.
 */
export async function runFaults(
  { rounds, kills = true, commands = 0, plant, seed, log }: FaultRun,
  inspect: (aftermath: Aftermath) => Promise<void>,
): Promise<void> {
  const chance = random(seed);
  await using stoa = await startDistributed({
    replicas: { projects: 2, messaging: 2 },
    cutting: true,
    preload: plant === undefined ? undefined : join(import.meta.dir, "plants", `${plant}.ts`),
  });
  const load = new SteadyLoad(stoa.gatewayUrl, seed);
  await load.start(4);
  const deleteAt = chance.below(rounds);
  const stopAt = chance.below(rounds);
  for (let round = 0; round < rounds; round++) {
    const say = (line: string) => log(`round ${round + 1}: ${line}`);
    if (kills) await killOne(stoa, chance, say);
    if (kills && round === deleteAt) await deleteStream(stoa, chance, log);
    if (kills && round === stopAt) await stopNats(stoa, log);
    await cutSome(stoa, chance, say);
    const before = load.acknowledged;
    await eventually(() => load.acknowledged > before + 5, { within: 60_000, what: "The load going on" });
  }
  await eventually(() => load.acknowledged >= commands, { within: 120_000, what: `${commands} commands` });
  const ledger = await load.stop();
  const databases = await openAll(stoa);
  const nats = await stoa.nats?.connect("identity");
  if (!nats) throw new Error("The distributed topology has no NATS server.");
  try {
    const streams = await managerOf(nats);
    await eventually(() => atRest(databases, streams), { within: 60_000, what: "Everything coming to rest" });
    const look = async () => [
      ...(await ledgerFaults(ledger, databases)),
      ...(await faults(databases, followers, streams)),
      ...(await oracleFaults(databases)),
    ];
    await inspect({ acknowledged: load.acknowledged, databases, nats, look });
  } finally {
    await nats.close();
    for (const service of services) databases[service].close();
  }
}

async function killOne(stoa: Topology, chance: Random, log: (line: string) => void): Promise<void> {
  await Bun.sleep(50 + chance.below(350));
  const name = chance.pick(targets);
  const process = stoa.processes[name];
  if (!process) throw new Error(`There is no process ${name}.`);
  await process.kill9();
  const away = chance.below(500);
  log(`killed ${name} for ${away} ms`);
  await Bun.sleep(away);
  await process.start();
}

/** Loses some requests before a database receives them, or its answers after it has done its work. */
async function cutSome({ proxies }: Topology, chance: Random, log: (line: string) => void): Promise<void> {
  const service = chance.pick(services);
  const what = chance.pick(["request", "answer"] as const);
  const times = 1 + chance.below(8);
  // Most requests are those of loops that look for something new.
  const containing = chance.pick(["", "insert into journal"]);
  const proxy = proxies?.[service];
  if (!proxy) throw new Error("The databases are behind no proxies.");
  const before = proxy.cuts;
  proxy.cut(what, times, containing);
  await eventually(() => proxy.cuts >= before + times, { within: 60_000, what: `${times} cuts` });
  log(`lost ${times} ${what}s${containing && " of writes"} at ${service}'s database`);
}

async function deleteStream(stoa: Topology, chance: Random, log: (line: string) => void): Promise<void> {
  const service = chance.pick(services);
  const nats = await stoa.nats?.connect(service);
  if (!nats) throw new Error("The distributed topology has no NATS server.");
  try {
    const streams = await managerOf(nats);
    await streams.streams.delete(service.toUpperCase());
    log(`deleted the stream of ${service}`);
  } finally {
    await nats.close();
  }
}

/** Stops NATS for longer than any client waits for one request. */
async function stopNats(stoa: Topology, log: (line: string) => void): Promise<void> {
  await stoa.processes["nats"]?.stop();
  log("stopped nats for 10 s");
  await Bun.sleep(10_000);
  await stoa.processes["nats"]?.start();
}

/** The users of services may read the state of their streams, but not of the account. */
function managerOf(nats: NatsConnection): Promise<JetStreamManager> {
  return nats.jetstreamManager({ checkAPI: false });
}

async function openAll({ databaseUrls }: Topology): Promise<Databases> {
  const { identity, projects, messaging } = databaseUrls;
  return {
    identity: await openDatabase(identity),
    projects: await openDatabase(projects),
    messaging: await openDatabase(messaging),
  };
}

/** Whether relays and projectors have nothing to do. Reactions append events too, so it must hold for all at once. */
async function atRest(databases: Databases, streams: JetStreamManager): Promise<boolean> {
  const lengths = await Promise.all(services.map((service) => lastSeq(databases[service])));
  for (const follower of followers) {
    const behind = await cursorFaults(follower, databases);
    if (behind.length > 0) throw new Error(behind.join("; "));
  }
  for (const [index, service] of services.entries()) {
    const { state } = await streams.streams.info(service.toUpperCase());
    if (state.last_seq !== lengths[index]) throw new Error(`stream of ${service}: ${state.last_seq}/${lengths[index]}`);
  }
  return (await Promise.all(services.map((service) => lastSeq(databases[service])))).every(
    (length, index) => length === lengths[index],
  );
}
