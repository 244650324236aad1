import { closeSync, fsyncSync, openSync, readSync } from "node:fs";
import type { ServiceName } from "@stoa/events";

/** The file of a service's database in a backup. */
export const databaseName = (service: ServiceName) => `${service}.db`;

/** The size of a file, and the SHA-256 of its content in hex. */
export function digestOf(path: string): { readonly bytes: number; readonly sha256: string } {
  const hasher = new Bun.CryptoHasher("sha256");
  const buffer = new Uint8Array(1024 * 1024);
  let bytes = 0;
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      hasher.update(buffer.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
  return { bytes, sha256: hasher.digest("hex") };
}

/** Waits until a file or folder is on the disk. */
export function flush(path: string): void {
  // Windows flushes no folder, and no file that is open for reading only.
  if (process.platform === "win32") return;
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
