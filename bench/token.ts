import { startProcess } from "@stoa/testing/servers/index";
import { root } from "../tests/topologies/local-service.ts";
import { alternate } from "./alternate.ts";
import { loadOn } from "./cpu.ts";
import { atLeast, type Measurement } from "./measurement.ts";

/** What verifying a token costs. */
export const token: Measurement = {
  name: "token",
  about: "a route that does nothing, with a token compared with without",
  async run(settings) {
    const command = [process.execPath, `${root}/bench/noop-server.ts`];
    await using server = await startProcess(command, { cwd: root, ready: (output) => output.endsWith("\n") });
    const [bearer, address] = server.output().trim().split(" ");
    const shared = { url: `${address}/api/v1/noop`, connections: 8, status: 200 };
    const { ratio, ours, theirs, cpu } = await alternate(
      settings,
      async (seconds) => {
        const headers = { "user-agent": "bench", authorization: `Bearer ${bearer}` };
        return loadOn(server, { ...shared, headers, seconds });
      },
      (seconds) => loadOn(server, { ...shared, headers: { "user-agent": "bench" }, seconds }),
    );
    const numbers = {
      per_second: ours,
      without_token_per_second: theirs,
      cpu_ms: cpu.ours,
      without_token_cpu_ms: cpu.theirs,
    };
    return [atLeast(0.8, "authenticated no-op route", ratio, numbers)];
  },
};
