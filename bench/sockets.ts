import { signUp } from "../tests/client.ts";
import { startDistributed } from "../tests/topologies/compose.ts";
import { root } from "../tests/topologies/local-service.ts";
import { startStandalone } from "../tests/topologies/standalone.ts";
import type { Topology } from "../tests/topologies/topology.ts";
import { type Measurement, type Result, type Settings, scaled, within } from "./measurement.ts";
import type { Latencies, SocketLoad } from "./sockets-run.ts";

const [people, perSecond] = [10, 200];

const topologies = [
  ["one instance", () => startStandalone()],
  ["two instances", () => startDistributed({ replicas: { messaging: 2 } })],
] as const;

/** How late messages are on streams and sockets. */
export const sockets: Measurement = {
  name: "sockets",
  about:
    "200 messages a second to 10 people, each with a stream and a socket: how late they are, with 1 and 2 instances",
  async run(settings) {
    const results: Result[] = [];
    for (const [instances, start] of topologies) {
      await using stoa = await start();
      results.push(...(await measure(stoa, instances, settings)));
      await stoa.stop();
    }
    return results;
  },
};

async function measure({ gatewayUrl: url }: Topology, instances: string, settings: Settings): Promise<Result[]> {
  const ada = await signUp(url, "ada");
  const others = await Promise.all(Array.from({ length: people - 1 }, (_none, n) => signUp(url, `reader${n}`)));
  const { id: conversation_id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
    type: "group",
    title: "The weir",
    participant_ids: others.map(({ id }) => id),
  });
  const tokens = [ada, ...others].map(({ token = "" }) => token);
  const messages = scaled(settings, 2_000, 40);
  const what: SocketLoad = { url, tokens, sender: ada.token ?? "", conversation_id, messages, perSecond };
  const child = Bun.spawn([process.execPath, `${root}/bench/sockets-run.ts`], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  child.stdin.write(JSON.stringify(what));
  await child.stdin.end();
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("The readers of the sockets failed.");
  const { stream, socket } = JSON.parse(output) as Latencies;
  return [
    within(`message to event stream, ${instances}`, stream, "p99_ms", "<=", 1_000),
    within(`message to socket, ${instances}`, socket, "p99_ms", "<=", 1_000),
  ];
}
