import { readFileSync, statSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing/servers/index";
import { Glob } from "bun";
import { buildExecutable } from "../deploy/executable/executable.ts";
import { root } from "../tests/topologies/local-service.ts";
import { atRest } from "./large.ts";
import { type Measurement, within } from "./measurement.ts";
import { startWorld } from "./stoa.ts";

/** What Stoa takes when it does nothing: memory, and the size of what is installed. */
export const footprint: Measurement = {
  name: "footprint",
  about: "the memory of a server that rests, the size of the executable, and of what running from source installs",
  async run() {
    return [
      within("memory of a server that rests", await idle(), "mib", "<=", 90),
      within("the executable", await executable(), "mib", "<=", 140),
      within("installed for running from source", await installed(), "mib", "<=", 240),
    ];
  },
};

async function idle() {
  await using world = await startWorld();
  await world.server.stop();
  await world.server.start();
  await atRest(world);
  const [, kib = ""] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${world.server.pid}/status`, "utf8")) ?? [];
  return { mib: Number(kib) / 1_024 };
}

async function executable() {
  await using folder = await temporaryDirectory("executable");
  const [stoa, trivial] = [join(folder.path, "stoa"), join(folder.path, "trivial")];
  await buildExecutable(stoa);
  const entry = join(folder.path, "trivial.ts");
  await Bun.write(entry, "console.log(1);");
  await Bun.build({ entrypoints: [entry], compile: { outfile: trivial } });
  return { mib: statSync(stoa).size / 2 ** 20, trivial_mib: statSync(trivial).size / 2 ** 20 };
}

/** What `bun start` installs before it runs, in a copy of the manifests. */
async function installed() {
  await using folder = await temporaryDirectory("installed");
  const manifests = ["package.json", "bun.lock", "bunfig.toml", ...new Glob("*/*/package.json").scanSync(root)];
  for (const file of manifests.filter((file) => !file.startsWith("node_modules")))
    await cp(join(root, file), join(folder.path, file));
  const command = [process.execPath, "install", "--frozen-lockfile", "--production", "--omit=peer"];
  const child = Bun.spawn(command, { cwd: folder.path, stdout: "ignore", stderr: "pipe" });
  const errors = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`The installation failed:\n${errors}`);
  return { mib: mebibytesIn(join(folder.path, "node_modules")) };
}

function mebibytesIn(folder: string): number {
  let bytes = 0;
  for (const name of new Glob("**").scanSync({ cwd: folder, dot: true, followSymlinks: false })) {
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes / 2 ** 20;
}
