import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";

/** The mode of a folder that only its owner enters, and of a file that only its owner reads. */
const folderMode = 0o700;
const fileMode = 0o600;

/** A folder with this bit is shared on purpose, such as /tmp. */
const sticky = 0o1000;

/**
 * Makes a folder that only its owner enters, whatever the umask, or makes an existing one so. A folder that is shared on
 * purpose (with the sticky bit) and one of another owner stay as they are.
 */
export function privateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: folderMode });
  const { mode } = statSync(path);
  if ((mode & sticky) === 0 && (mode & 0o777) !== folderMode) restrict(path, folderMode);
}

/**
 * Makes an empty file that only its owner reads, whatever the umask, or makes an existing one so. An existing file is
 * never opened: closing it would release the locks that SQLite holds on it in this process.
 */
export function privateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", fileMode));
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  restrictFile(path);
}

/** The same for a file that exists; without one, nothing happens. */
export function restrictFile(path: string): void {
  try {
    if ((statSync(path).mode & 0o777) !== fileMode) restrict(path, fileMode);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

/** Whether others than the owner may read a file or enter a folder. */
export function isExposed(path: string): boolean {
  // Windows has no such modes.
  return process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
}

/** Some file systems have no modes, and only the owner may change one: the start warns about what stays readable. */
function restrict(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    if (!["EPERM", "EROFS", "ENOTSUP", "ENOENT"].some((code) => hasCode(error, code))) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
