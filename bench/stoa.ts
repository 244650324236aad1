import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@libsql/client";
import type { ServiceName } from "@stoa/events";
import { type ServerProcess, startProcess } from "@stoa/testing/servers/index";
import { type Person, signUp } from "../tests/client.ts";
import { root } from "../tests/topologies/local-service.ts";
import { startStandalone } from "../tests/topologies/standalone.ts";
import type { Topology } from "../tests/topologies/topology.ts";
import type { Bare } from "./bare.ts";

/** Stoa in one process as it is delivered, with a project that has tasks in it. */
export interface World extends AsyncDisposable {
  readonly stoa: Topology;
  readonly ada: Person;
  readonly project_id: string;
  /** What each request of ada's sends. */
  readonly headers: Record<string, string>;
}

/**
 * Starts Stoa with its defaults: log lines are written, limits are counted (and only so high that none is met).
 *
 * @param tasks how many the project has, each with a description, a label and an assignee
 */
export async function startWorld({ tasks = 0 } = {}): Promise<World> {
  const stoa = await startStandalone({
    env: { LOG_LEVEL: "info", RATE_LIMIT_SCALE: "1000000", ACCESS_TOKEN_EXPIRE_MINUTES: "60" },
  });
  const ada = await signUp(stoa.gatewayUrl, "ada");
  const { id: project_id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Weir" });
  for (let n = 1; n <= tasks; n++) {
    await ada.must(201, "POST", "/api/v1/tasks", {
      title: `Task number ${n} of the weir`,
      description: "Walk down to the weir and count the herons on it.",
      project_id,
      labels: ["herons"],
      assignee_ids: [ada.id],
    });
  }
  return {
    stoa,
    ada,
    project_id,
    headers: { authorization: `Bearer ${ada.token}`, "user-agent": "bench" },
    [Symbol.asyncDispose]: () => stoa[Symbol.asyncDispose](),
  };
}

/** A copy of a service's database as it is now; Stoa pauses meanwhile. @returns its `file:` address */
export async function copyDatabase({ processes, databaseUrls }: Topology, service: ServiceName): Promise<string> {
  const { standalone } = processes;
  const url = databaseUrls[service];
  await standalone?.stop();
  const client = createClient({ url });
  await client.execute("pragma wal_checkpoint(truncate)");
  client.close();
  const copy = `${url.replace(/^file:/, "")}.bare`;
  await copyFile(url.replace(/^file:/, ""), copy);
  await standalone?.start();
  return `file:${copy}`;
}

/** A bare server in a process of its own. */
export async function startBare(bare: Bare): Promise<ServerProcess & { readonly url: string }> {
  const command = [process.execPath, join(root, "bench/bare.ts"), JSON.stringify(bare)];
  const server = await startProcess(command, { cwd: root, ready: (output) => output.endsWith("\n") });
  return Object.assign(server, { url: server.output().trim() });
}
