import { join } from "node:path";

/** A generated file and the text that it should have. */
export interface Generated {
  /** The path from the repository's root. */
  readonly path: string;
  readonly text: string;
}

const root = join(import.meta.dir, "..");

/** Writes generated files. With the argument `--check`, nothing is written, and it fails naming the outdated files. */
export async function current(files: readonly Generated[], command: string, folder = root): Promise<void> {
  const stale = await staleOf(files, folder);
  if (Bun.argv.includes("--check")) {
    for (const { path } of stale) console.error(`${path} is not current: run "${command}".`);
    if (stale.length > 0) process.exitCode = 1;
    return;
  }
  for (const { path, text } of stale) {
    await Bun.write(join(folder, path), text);
    console.log(`wrote ${path}`);
  }
}

/** The files whose text on disk differs, or which do not exist. */
export async function staleOf(files: readonly Generated[], folder: string): Promise<Generated[]> {
  const stale: Generated[] = [];
  for (const file of files) {
    const onDisk = Bun.file(join(folder, file.path));
    if (!(await onDisk.exists()) || (await onDisk.text()) !== file.text) stale.push(file);
  }
  return stale;
}
