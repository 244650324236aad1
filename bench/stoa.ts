import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceName } from "@stoa/events";
import { type ServerProcess, startProcess } from "@stoa/testing/servers/index";
import { type Person, signUp } from "../tests/client.ts";
import { root } from "../tests/topologies/local-service.ts";
import { startStandalone } from "../tests/topologies/standalone.ts";
import type { Topology } from "../tests/topologies/topology.ts";
import type { Bare } from "./bare.ts";

/** Stoa in one process with its defaults, and a project with tasks. */
export interface World extends AsyncDisposable {
  readonly stoa: Topology;
  /** The process of Stoa. */
  readonly server: ServerProcess;
  readonly ada: Person;
  readonly project_id: string;
  /** The headers of each of Ada's requests. */
  readonly headers: Record<string, string>;
}

/** How a world begins. */
export interface WorldOptions {
  /** How many tasks are added to the project, each with a description, a label and an assignee. */
  readonly tasks?: number;
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is already in its data folder. */
  readonly known?: { readonly project_id: string; readonly logIn: (url: string) => Promise<Person> };
}

/** What Stoa is measured with: as in production, where no answer is compared with its schema once more. */
const production = {
  ENVIRONMENT: "production",
  SECRET_KEY: "the key of a benchmark, which keeps no secret",
  REGISTRATION: "open",
  LOG_LEVEL: "info",
  RATE_LIMIT_SCALE: "1000000",
  ACCESS_TOKEN_EXPIRE_MINUTES: "60",
};

/**
 * Starts Stoa with the defaults of production: log lines are written, and rate limits are counted, but are so high that none
 * is reached.
 */
export async function startWorld({ tasks = 0, env = {}, known }: WorldOptions = {}): Promise<World> {
  const stoa = await startStandalone({
    env: { ...production, ...env },
  });
  const ada = known ? await known.logIn(stoa.gatewayUrl) : await signUp(stoa.gatewayUrl, "ada");
  const project_id = known?.project_id ?? (await makeProject(ada));
  for (let n = 1; n <= tasks; n++) {
    await ada.must(201, "POST", "/api/v1/tasks", {
      title: `Task number ${n} of the weir`,
      description: "Walk down to the weir and count the herons on it.",
      project_id,
      labels: ["herons"],
      assignee_ids: [ada.id],
    });
  }
  const { standalone: server } = stoa.processes;
  if (!server) throw new Error("Standalone has no process of its name.");
  return {
    stoa,
    server,
    ada,
    project_id,
    headers: { authorization: `Bearer ${ada.token}`, "user-agent": "bench" },
    [Symbol.asyncDispose]: () => stoa[Symbol.asyncDispose](),
  };
}

async function makeProject(ada: Person): Promise<string> {
  const { id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Weir" });
  return id;
}

/**
 * Copies the present database of a service. Stoa is stopped meanwhile.
 *
 * @param name the extension of the copy
 * @returns the copy's path
 */
export async function copyDatabase(world: World, service: ServiceName, name = "bare"): Promise<string> {
  let copy = "";
  await changeDatabase(world, service, async (file) => {
    copy = `${file}.${name}`;
    await copyFile(file, copy);
  });
  return copy;
}

/** Changes the database file of a service while Stoa is stopped. */
export async function changeDatabase(
  { server, stoa }: World,
  service: ServiceName,
  change: (file: string) => void | Promise<void>,
): Promise<void> {
  const file = stoa.databaseUrls[service].replace(/^file:/, "");
  await server.stop();
  await change(file);
  await server.start();
}

/** A bare server in a process of its own, with its URL. */
export type BareServer = ServerProcess & { readonly url: string };

/** Starts a bare server. */
export async function startBare(bare: Bare): Promise<BareServer> {
  const command = [process.execPath, join(root, "bench/bare.ts"), JSON.stringify(bare)];
  const server = await startProcess(command, { cwd: root, ready: (output) => output.endsWith("\n") });
  return Object.assign(server, { url: server.output().trim() });
}
