import { startProcess } from "@stoa/testing/servers/index";
import { signUp } from "../tests/client.ts";
import { root } from "../tests/topologies/local-service.ts";
import { startBareRead } from "./bare-read.ts";
import { quantile } from "./load.ts";
import { atLeast, cpuWithin, type Measurement, scaled } from "./measurement.ts";
import { startWorld } from "./stoa.ts";
import type { Delivered, StreamLoad } from "./streams-run.ts";

const [people, streamsEach, perSecond] = [10, 20, 50];

/** Messages to many open streams, beside a server that does nothing else than write the same frames to as many. */
export const streams: Measurement = {
  name: "streams",
  about:
    "200 event streams and 50 messages a second to each: CPU seconds for 100,000 deliveries, and how late they are",
  async run(settings) {
    await using world = await startWorld({ tasks: 25 });
    await using page = await startBareRead(world);
    const { stoa, server, ada } = world;
    const others = await Promise.all(
      Array.from({ length: people - 1 }, (_none, n) => signUp(stoa.gatewayUrl, `reader${n}`)),
    );
    const { id: conversation_id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
      type: "group",
      title: "The weir",
      usernames: others.map(({ username }) => username),
    });
    const load = { streamsEach, messages: scaled(settings, 500, 20), perSecond };
    const ours: StreamLoad = {
      ...load,
      url: stoa.gatewayUrl,
      tokens: [ada, ...others].map(({ token = "" }) => token),
      sender: ada.token ?? "",
      conversation_id,
      server: server.pid,
    };
    await using bare = await startBareStreams();
    const theirs: StreamLoad = { ...ours, url: bare.url, server: bare.pid };
    const rounds: { cpu_s: number; p50_ms: number; p99_ms: number; bare_cpu_s: number; ratio: number }[] = [];
    // The first round warms up.
    for (let round = 0; round <= Math.min(settings.rounds, 3); round++) {
      const { cpu_s, p50, p99 } = await cpuOf(ours);
      const { cpu_s: bare_cpu_s } = await cpuOf(theirs);
      if (round > 0) rounds.push({ cpu_s, p50_ms: p50, p99_ms: p99, bare_cpu_s, ratio: bare_cpu_s / cpu_s });
    }
    const median = (member: keyof (typeof rounds)[number]) =>
      quantile(
        rounds.map((each) => each[member]),
        0.5,
      );
    const [cpu_s, bare_cpu_s] = [median("cpu_s"), median("bare_cpu_s")];
    const late = { p50_ms: median("p50_ms"), p99_ms: median("p99_ms") };
    const bareRead = await page.cpuMs(settings);
    return [
      cpuWithin(2_300, "100,000 deliveries on 200 streams", cpu_s * 1_000, bareRead, late),
      atLeast(0.35, "their CPU beside a bare server's", median("ratio"), { cpu_s, bare_cpu_s }),
    ];
  },
};

/** CPU seconds of the server for 100,000 deliveries, and how late they were. */
async function cpuOf(what: StreamLoad) {
  const { cpu_ms, deliveries, p50, p99 } = await deliver(what);
  return { cpu_s: (cpu_ms / 1_000) * (100_000 / deliveries), p50, p99 };
}

async function startBareStreams() {
  const command = [process.execPath, `${root}/bench/bare-streams.ts`];
  const server = await startProcess(command, { cwd: root, ready: (output) => output.endsWith("\n") });
  return Object.assign(server, { url: server.output().trim() });
}

/** Sends and reads in a process of its own. */
export async function deliver(what: StreamLoad): Promise<Delivered> {
  const command = [process.execPath, `${root}/bench/streams-run.ts`];
  const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  child.stdin.write(JSON.stringify(what));
  await child.stdin.end();
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("The readers of the streams failed.");
  return JSON.parse(output) as Delivered;
}
