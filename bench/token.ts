import { startProcess } from "@stoa/testing/servers/index";
import { root } from "../tests/topologies/local-service.ts";
import { alternate, rateOf } from "./alternate.ts";
import { load } from "./load.ts";
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
    const { ratio, ours, theirs } = await alternate(
      settings,
      async (seconds) => {
        const headers = { "user-agent": "bench", authorization: `Bearer ${bearer}` };
        return { per_second: rateOf(await load({ ...shared, headers, seconds })) };
      },
      async (seconds) => ({
        per_second: rateOf(await load({ ...shared, headers: { "user-agent": "bench" }, seconds })),
      }),
    );
    return [atLeast(0.8, "authenticated no-op route", ratio, { per_second: ours, without_token_per_second: theirs })];
  },
};
