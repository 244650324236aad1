import { availableParallelism } from "node:os";
import { root } from "../tests/topologies/local-service.ts";
import { alternate, rateOf, type Sample, type Side } from "./alternate.ts";
import { loadOn } from "./cpu.ts";
import { load, quantile } from "./load.ts";
import { atLeast, type Measurement, type Settings, within } from "./measurement.ts";
import { startWorld, type World } from "./stoa.ts";

const leadSeconds = 0.7;

/** What logins cost besides the hash, and how they slow other requests. */
export const login: Measurement = {
  name: "login",
  about: "logins against raw argon2id at the same width, and GET of tasks while logins saturate",
  async run(settings) {
    await using world = await startWorld({ tasks: 40 });
    const width = Math.max(1, availableParallelism() - 1);
    const logins = loginsOf(world, width + 3);
    const { ratio, ours, theirs, cpu } = await alternate(settings, logins, (seconds) => rawHashes(width, seconds));
    const storm = await duringLogins(settings, world, logins);
    return [
      atLeast(0.9, "login", ratio, {
        per_second: ours,
        raw_argon2id_per_second: theirs,
        cpu_ms: cpu.ours,
        raw_argon2id_cpu_ms: cpu.theirs,
        width,
      }),
      within("GET of tasks during a login storm", storm, "p99_ratio", "<=", 5),
    ];
  },
};

function loginsOf({ stoa, ada, server }: World, connections: number): Side {
  const body = JSON.stringify({ username: ada.username, password: "ada keeps 7 herons by the weir" });
  const headers = { "user-agent": "bench", "content-type": "application/json" };
  const url = `${stoa.gatewayUrl}/api/v1/auth/login`;
  return (seconds) => loadOn(server, { url, method: "POST", headers, body, connections, seconds, status: 200 });
}

/** Latencies of reads at a rate that leaves a core idle, so that only the logins can slow them. */
async function duringLogins(settings: Settings, world: World, logins: Side) {
  const { stoa, headers, project_id } = world;
  const url = `${stoa.gatewayUrl}/api/v1/tasks?project_id=${project_id}&limit=20`;
  const seconds = Math.max(1, settings.seconds);
  const read = () => load({ url, headers, connections: 4, rate: 200, seconds, status: 200 });
  await read();
  const quiet: number[] = [];
  const stormy: number[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    const before = await read();
    rateOf(before);
    quiet.push(before.p99);
    // The logins begin first and end last, so that the start of their process is not measured.
    const storm = logins(seconds + 2 * leadSeconds);
    await Bun.sleep(leadSeconds * 1_000);
    const during = await read();
    rateOf(during);
    await storm;
    stormy.push(during.p99);
  }
  const [quiet_p99, storm_p99] = [quantile(quiet, 0.5), quantile(stormy, 0.5)];
  return { quiet_p99_ms: quiet_p99, storm_p99_ms: storm_p99, p99_ratio: storm_p99 / quiet_p99 };
}

/** Password verifications, so many at a time, in a process that does nothing else. */
async function rawHashes(width: number, seconds: number): Promise<Sample> {
  const command = [process.execPath, `${root}/bench/raw-hashes.ts`, String(width), String(seconds)];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("Raw hashing failed.");
  return JSON.parse(output) as Sample;
}
