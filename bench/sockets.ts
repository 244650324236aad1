import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { signUp } from "../tests/client.ts";
import { startDistributed } from "../tests/topologies/compose.ts";
import { root } from "../tests/topologies/local-service.ts";
import { startStandalone } from "../tests/topologies/standalone.ts";
import type { Topology } from "../tests/topologies/topology.ts";
import { type Measurement, type Result, type Settings, scaled, within } from "./measurement.ts";
import type { Latencies, SocketLoad } from "./sockets-run.ts";

const [people, perSecond] = [10, 200];

const topologies = [
  ["one instance", (preload: string) => startStandalone({ preload })],
  ["two instances", (preload: string) => startDistributed({ preload, replicas: { messaging: 2 } })],
] as const;

/** How late messages are on streams and sockets. */
export const sockets: Measurement = {
  name: "sockets",
  about:
    "200 messages a second to 10 people, each with a stream and a socket: how late they are, with 1 and 2 instances",
  async run(settings) {
    const results: Result[] = [];
    for (const [instances, start] of topologies) {
      await using folder = await temporaryDirectory("commits");
      const commits = join(folder.path, "commits");
      await using stoa = await start(await noting(commits, folder.path));
      results.push(...(await measure(stoa, instances, commits, settings)));
      await stoa.stop();
    }
    return results;
  },
};

/** A module to load first, with which a server notes its commits in a file: services get no variables but their own. */
async function noting(commits: string, folder: string): Promise<string> {
  const path = join(folder, "preload.ts");
  const planted = join(root, "bench/plants/commits.ts");
  await Bun.write(
    path,
    `process.env.BENCH_COMMITS = ${JSON.stringify(commits)};\nrequire(${JSON.stringify(planted)});\n`,
  );
  await Bun.write(commits, "");
  return path;
}

async function measure(
  { gatewayUrl: url }: Topology,
  instances: string,
  commits: string,
  settings: Settings,
): Promise<Result[]> {
  const ada = await signUp(url, "ada");
  const others = await Promise.all(Array.from({ length: people - 1 }, (_none, n) => signUp(url, `reader${n}`)));
  const { id: conversation_id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
    type: "group",
    title: "The weir",
    participant_ids: others.map(({ id }) => id),
  });
  const tokens = [ada, ...others].map(({ token = "" }) => token);
  const messages = scaled(settings, 2_000, 40);
  const what: SocketLoad = { url, tokens, sender: ada.token ?? "", conversation_id, messages, perSecond, commits };
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
    within(`commit to event stream, ${instances}`, stream.fromCommit, "p99_ms", "<=", 1_000),
    within(`commit to socket, ${instances}`, socket.fromCommit, "p99_ms", "<=", 1_000),
    within(`sending to event stream, ${instances}`, stream.fromSending, "p99_ms", "<=", 1_000),
    within(`sending to socket, ${instances}`, socket.fromSending, "p99_ms", "<=", 1_000),
  ];
}
