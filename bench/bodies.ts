import { connect } from "node:net";
import { bodyDeadline } from "@stoa/http/receive";
import { cpuClock } from "./cpu.ts";
import { quantile } from "./load.ts";
import { type Measurement, type Settings, scaled, within } from "./measurement.ts";
import { startWorld, type World } from "./stoa.ts";

const MIB = 1_024 * 1_024;

/** Bodies that are too large, and that do not come. */
export const bodies: Measurement = {
  name: "bodies",
  about: "a body that is too large is read away before its 413, and one that stops coming is a 408 at its deadline",
  async run(settings) {
    await using world = await startWorld();
    const drained = await tooLarge(world, settings);
    // The deadline is half a minute, and cannot be made shorter.
    return settings.scale < 1 ? [drained] : [drained, await stopping(world, settings)];
  },
};

/** The client closes the connection behind the answer, which it reads only when it has sent everything. */
async function tooLarge(world: World, settings: Settings) {
  const mib = scaled(settings, 24, 2);
  const body = new Uint8Array(mib * MIB).fill(32);
  const took: number[] = [];
  const used = cpuClock(world.server.pid);
  for (let round = 0; round < settings.rounds; round++) {
    const { status, ms } = await send(world, body, body.length);
    if (status !== 413) throw new Error(`A body of ${mib} MiB was answered with ${status}.`);
    took.push(ms);
  }
  const numbers = { mib, ms: quantile(took, 0.5), cpu_ms_of_mib: used() / (mib * settings.rounds) };
  return within("a body that is too large, until its 413 was read", numbers, "ms", "<=", 5_000);
}

/** A hundred clients send half of what they announced, and then nothing more. */
async function stopping(world: World, settings: Settings) {
  const clients = scaled(settings, 100, 10);
  const used = cpuClock(world.server.pid);
  const answers = await Promise.all(
    Array.from({ length: clients }, () => send(world, new Uint8Array(512).fill(32), 1_024)),
  );
  const cpu_ms = used() / clients;
  if (answers.some(({ status }) => status !== 408))
    throw new Error("A body that never came was not answered with 408.");
  const numbers = {
    clients,
    deadline_ms: bodyDeadline(1_024),
    last_ms: Math.max(...answers.map(({ ms }) => ms)),
    cpu_ms,
  };
  return within("a body that stops coming, until its 408", numbers, "last_ms", "<=", numbers.deadline_ms + 1_000);
}

/** Sends a body to a route that takes 1 MiB, and reads the status when everything was sent or an answer came. */
function send({ stoa, headers }: World, body: Uint8Array, length: number): Promise<{ status: number; ms: number }> {
  const { hostname, port } = new URL(stoa.gatewayUrl);
  const began = performance.now();
  const lines = Object.entries({ host: hostname, ...headers, connection: "close", "content-type": "application/json" });
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => {
      const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      socket.write(`POST /api/v1/tasks HTTP/1.1\r\n${head}content-length: ${length}\r\n\r\n`);
      socket.write(body);
    });
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve({ status: Number(text.slice(9, 12)), ms: performance.now() - began }));
  });
}
