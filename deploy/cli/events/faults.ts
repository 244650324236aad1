import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { secretKeyFault } from "@stoa/config/secret-key";
import { runningIn } from "../../standalone/running.ts";
import { dataDirOf, type Environment } from "../db/target.ts";

/** What is wrong with a data folder or with the server that has it open. */
export interface FolderFault {
  /** `disk`, `stoa`, or the part that health names, such as `projects: database`. */
  readonly part: string;
  readonly reason: string;
}

const Health = Type.Object({
  reasons: Type.Optional(Type.Array(Type.Object({ part: Type.String(), reason: Type.String() }))),
});

/** How long the server may take to answer; milliseconds. */
const PATIENCE_MS = 3_000;

/**
 * What is wrong with a data folder that its databases do not show: a disk that takes no more, and what a running server
 * knows of itself, such as a file that was replaced under it, and the key without which the next start is refused.
 */
export async function faultsOf(folder: string, env: Environment): Promise<FolderFault[]> {
  const [full, key] = [roomFault(folder), keyFault(folder, env)];
  return [
    ...(full === undefined ? [] : [{ part: "disk", reason: full }]),
    ...(key === undefined ? [] : [{ part: "secret_key", reason: key }]),
    ...(await serverFaults(folder)),
  ];
}

/** The key is in the data folder unless it is set; services with NATS have it set. A server that runs there has one, wherever from. */
function keyFault(folder: string, env: Environment): string | undefined {
  const elsewhere = env["SECRET_KEY"] || env["JWT_SECRET_KEY"] || env["NATS_URL"];
  if (elsewhere || resolve(dataDirOf(env)) !== folder) return undefined;
  if (runningIn(folder) !== undefined) return undefined;
  return secretKeyFault(folder);
}

/** Writes as much as a small commit does, and takes it away again. */
function roomFault(folder: string): string | undefined {
  const path = join(folder, ".room");
  try {
    const file = openSync(path, "w", 0o600);
    try {
      writeSync(file, new Uint8Array(65_536));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    // Whoever runs the command may only read here; Stoa runs as another user then.
    if (code === "EACCES" || code === "EPERM") return undefined;
    return `Nothing can be written to ${folder} (${code}). Give the disk room or repair it.`;
  } finally {
    rmSync(path, { force: true });
  }
  return undefined;
}

async function serverFaults(folder: string): Promise<FolderFault[]> {
  const url = runningIn(folder);
  if (url === undefined) return [];
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const health: unknown = await answer.json();
    if (Value.Check(Health, health)) return reasonsIn(health);
  } catch {
    // Said below: whatever the reason, the server cannot say how it is.
  }
  return [{ part: "stoa", reason: `Stoa runs in ${folder}, but its health cannot be read at ${url}.` }];
}

const reasonsIn = ({ reasons = [] }: Static<typeof Health>) => reasons;
