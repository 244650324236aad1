import { readFileSync } from "node:fs";
import { chunks } from "@stoa/db";
import { type Person, signUp } from "../tests/client.ts";
import { cpuMsOf } from "./cpu.ts";
import { type Measurement, scaled, within } from "./measurement.ts";
import { ReturningClient } from "./returning-client.ts";
import { startWorld } from "./stoa.ts";

/** How many sockets one person has: as many as one may have. */
const EACH = 20;

/** Idle sockets, and their return when the server restarts. */
export const returning: Measurement = {
  name: "returning",
  about:
    "10,000 idle sockets: the memory of the server, and how long they take to be back after a restart, with all messages",
  async run(settings) {
    await using world = await startWorld();
    const url = world.stoa.gatewayUrl;
    const people = await signUpAll(url, scaled(settings, 500, 2));
    const groups = await Promise.all(chunks(people, 100).map((members) => groupOf(members)));
    const clients = people.flatMap(({ token = "" }) =>
      Array.from({ length: EACH }, () => new ReturningClient(`${url.replace("http", "ws")}/api/v1/ws`, token)),
    );
    const there = () => clients.every(({ present }) => present);
    for (const some of chunks(clients, 200)) {
      for (const client of some) client.open();
      await until(() => some.every(({ present }) => present), "the sockets are open");
    }
    // Two signs of life to each.
    await Bun.sleep(scaled(settings, 35_000, 100));
    const mib = memoryOf(world.server.pid);

    const sent: Message[] = [];
    const say = async () => {
      for (const group of groups) sent.push(await group());
    };
    const all = () =>
      sent.every(({ id, to }) => clients.every((client, n) => !to.has(Math.floor(n / EACH)) || client.counts.has(id)));
    await say();
    await until(all, "the first messages came");
    await world.server.stop();
    await world.server.start();
    const began = performance.now();
    while (!there()) {
      await say();
      await Bun.sleep(1_000);
    }
    const back_ms = performance.now() - began;
    const cpu_s = cpuMsOf(world.server.pid) / 1_000;
    await say();
    await until(all, "all messages came");
    for (const client of clients) client.close();
    requireOnce(clients, sent);
    return [
      within(`memory with idle sockets`, { mib, sockets: clients.length }, "mib", "<=", 400),
      within(
        "return of all sockets after a restart",
        { back_ms, cpu_s, messages: sent.length },
        "back_ms",
        "<=",
        20_000,
      ),
    ];
  },
};

/** A message, and the people who get it, by their number. */
interface Message {
  readonly id: string;
  readonly to: ReadonlySet<number>;
}

type Member = Person & { readonly number: number };

async function signUpAll(url: string, count: number): Promise<Member[]> {
  const people: Member[] = [];
  for (const some of chunks(
    Array.from({ length: count }, (_none, n) => n),
    8,
  )) {
    const added = await Promise.all(
      some.map(async (n) => Object.assign(await signUp(url, `sitter${n}`), { number: n })),
    );
    people.push(...added);
  }
  return people;
}

/** Makes a group. Returns what sends one message to it. */
async function groupOf([owner, ...others]: readonly Member[]): Promise<() => Promise<Message>> {
  if (!owner) throw new Error("A group has an owner.");
  const { id } = await owner.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
    type: "group",
    title: "The weir",
    participant_ids: others.map((other) => other.id),
  });
  const to = new Set([owner, ...others].map(({ number }) => number));
  const content = "The herons are back.";
  return async () => ({
    ...(await owner.must<{ id: string }>(201, "POST", `/api/v1/conversations/${id}/messages`, { content })),
    to,
  });
}

/** Every socket has each message for its user once and nothing else, and was refused by no one. */
function requireOnce(clients: readonly ReturningClient[], sent: readonly Message[]): void {
  for (const [n, { counts, refused }] of clients.entries()) {
    const wanted = sent.filter(({ to }) => to.has(Math.floor(n / EACH)));
    const doubled = [...counts.values()].filter((count) => count !== 1).length;
    if (refused > 0) throw new Error(`A handshake was refused ${refused} times.`);
    if (doubled > 0 || counts.size !== wanted.length) {
      throw new Error(`A socket got ${counts.size} messages of ${wanted.length}, ${doubled} of them twice.`);
    }
  }
}

function memoryOf(pid: number): number {
  const [, kib = ""] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1_024;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 120_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`It did not happen within two minutes that ${what}.`);
    await Bun.sleep(20);
  }
}
