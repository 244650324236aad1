import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that goes when it is disposed of, or when the test process ends. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

const directories = new Set<string>();

process.on("exit", () => {
  for (const path of directories) rmSync(path, { recursive: true, force: true });
});

/** Makes an empty directory `stoa-<name>-…` in the system's temporary folder. */
export async function temporaryDirectory(name: string): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), `stoa-${name}-`));
  directories.add(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
      directories.delete(path);
    },
  };
}
