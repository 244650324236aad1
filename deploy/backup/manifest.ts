import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { OperatorError } from "@stoa/errors";
import { services } from "@stoa/events";

const Sequence = Type.Integer({ minimum: 0 });
const ofServices = <const T extends Parameters<typeof Type.Record>[1]>(value: T) =>
  Type.Object({ identity: value, projects: value, messaging: value });

/** What `manifest.json` of a backup says. */
const Manifest = Type.Object({
  id: Type.String(),
  /** When it was begun, RFC 3339: everything acknowledged before is in it. */
  created_at: Type.String(),
  /** The version of Stoa that made it. */
  version: Type.String(),
  /** Whether the secret key is in it; otherwise it is in the environment of the process, as `SECRET_KEY`. */
  secret_key: Type.Boolean(),
  files: Type.Array(Type.Object({ name: Type.String(), bytes: Sequence, sha256: Type.String() })),
  /** The journals: their ids, and how far each goes. */
  journals: ofServices(Type.Object({ journal_id: Type.String(), seq: Sequence })),
  /** How far each service has applied the events of others. */
  cursors: ofServices(Type.Array(Type.Object({ source: Type.String(), journal_id: Type.String(), seq: Sequence }))),
  /** The last migration of each database. */
  migrations: ofServices(Type.String()),
  /** What is wrong with the databases themselves; a backup of them has it too. */
  warnings: Type.Array(Type.String()),
});
export type Manifest = Static<typeof Manifest>;

/** The name of the file. */
export const manifestName = "manifest.json";

/**
 * Reads the manifest of a backup.
 *
 * @throws OperatorError when the folder is no backup, or another version has written it
 */
export function readManifest(folder: string): Manifest {
  if (!existsSync(folder)) throw new OperatorError(`There is no folder ${folder}.`);
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(join(folder, manifestName), "utf8"));
  } catch (error) {
    throw notABackup(folder, error);
  }
  if (!Value.Check(Manifest, manifest)) throw notABackup(folder, [...Value.Errors(Manifest, manifest)]);
  return manifest;
}

function notABackup(folder: string, cause: unknown): OperatorError {
  const error = new OperatorError(`${folder} is no backup: it has no ${manifestName} that this version of Stoa reads.`);
  error.cause = cause;
  return error;
}

/** How far the journals go, in one line. */
export function extentOf({ journals }: Pick<Manifest, "journals">): string {
  return services.map((service) => `${service} ${journals[service].seq}`).join(", ");
}
