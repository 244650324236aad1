import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "../at-end.ts";

/** A directory that is deleted when it is disposed of, or when all tests are over. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty directory `stoa-<name>-…` in the system's temporary folder. */
export async function temporaryDirectory(name: string): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), `stoa-${name}-`));
  const callOff = atEnd(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
      callOff();
    },
  };
}
