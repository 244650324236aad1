import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { flush, removeFolder } from "./files.ts";
import { keptOf } from "./keep.ts";
import { type Manifest, manifestName, readManifest } from "./manifest.ts";

/** A backup in its folder. */
export interface Stored {
  readonly folder: string;
  readonly manifest: Manifest;
}

const suffix = ".unfinished";

/** The name of a backup's folder until it is whole. */
export const unfinished = (name: string) => `${name}${suffix}`;

/** The backups in a folder, newest first. What is no backup, or one of another version's format, is left out. */
export function listBackups(dir: string): Stored[] {
  if (!existsSync(dir)) return [];
  const stored = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.endsWith(suffix))
    .map((entry) => join(dir, entry.name))
    .filter((folder) => existsSync(join(folder, manifestName)))
    .flatMap((folder): Stored[] => {
      const manifest = manifestIn(folder);
      return manifest ? [{ folder, manifest }] : [];
    });
  return stored.sort((a, b) => timeOf(b) - timeOf(a));
}

/** Deletes what interrupted runs have left. Only the process that has locked the folder may call it. */
export function removeUnfinished(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name.endsWith(suffix)) removeFolder(join(dir, entry.name));
  }
}

/**
 * Deletes the backups of the same installation that need not be kept. Those of another one, such as the installation
 * before a loss, stay: it has other journals.
 *
 * @returns their folders
 */
export function prune(dir: string, latest: Manifest): string[] {
  const own = listBackups(dir).filter(
    ({ manifest }) => manifest.journals.identity.journal_id === latest.journals.identity.journal_id,
  );
  const kept = keptOf(own.map(timeOf));
  const surplus = own.filter((one) => !kept.has(timeOf(one))).map(({ folder }) => folder);
  for (const folder of surplus) {
    // Without its manifest it is no backup any more, should this be interrupted.
    rmSync(join(folder, manifestName));
    removeFolder(folder);
  }
  if (surplus.length > 0) flush(dir);
  return surplus;
}

const timeOf = ({ manifest }: Stored) => Date.parse(manifest.created_at);

function manifestIn(folder: string): Manifest | undefined {
  try {
    return readManifest(folder);
  } catch {
    // It is another version's, or somebody else's folder: it is neither shown nor deleted.
    return undefined;
  }
}
