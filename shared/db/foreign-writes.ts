import { onBeat } from "./beat.ts";

/** How often a file is looked at; milliseconds. A user whom a command disabled is out within a second, so half of it. */
const EVERY_MS = 500;

/**
 * Calls back soon after another process has written to a file.
 *
 * @param version the file's `pragma data_version`, which changes with the commits of other connections only; undefined
 *   when it cannot be read
 * @returns the way to stop
 */
export function watchForeignWrites(version: () => number | undefined, listener: () => void): () => void {
  let known = readable(version);
  return onBeat(EVERY_MS, () => {
    const now = readable(version);
    // Unreadable now and then: nobody knows what was written meanwhile.
    if (now !== undefined && now === known) return;
    known = now;
    listener();
  });
}

/** Undefined when the file is locked or broken, which whoever reads from it next reports. */
function readable(version: () => number | undefined): number | undefined {
  try {
    return version();
  } catch {
    return undefined;
  }
}
