import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
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

/**
 * How much of a file goes to the disk, or is given back to it, at a time; bytes. On ext4 a flush waits for everything else
 * that is on its way to the disk, so that a commit of the running server would wait for a whole database.
 */
const [WRITE_STEP, REMOVE_STEP] = [256 * 1024, 1024 * 1024];

/** Copies a file to the disk, a little at a time. The copy can be read by its owner only. */
export function copyFlushed(source: string, target: string): void {
  const buffer = new Uint8Array(WRITE_STEP);
  const from = openSync(source, "r");
  try {
    const to = openSync(target, "wx", 0o600);
    try {
      for (let read = readSync(from, buffer); read > 0; read = readSync(from, buffer)) {
        for (let written = 0; written < read; ) written += writeSync(to, buffer, written, read - written);
        fdatasyncSync(to);
      }
      fsyncSync(to);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

/**
 * Deletes a folder with its files. What is large is given back a little at a time, unless it has another name too, such as
 * in a copy that somebody has made of hard links: what is cut off here would be missing there.
 */
export function removeFolder(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isFile()) shrink(join(path, entry.name));
  }
  rmSync(path, { recursive: true, force: true });
}

function shrink(path: string): void {
  const file = openSync(path, "r+");
  try {
    const { size, nlink } = fstatSync(file);
    for (let left = nlink > 1 ? 0 : size - REMOVE_STEP; left > 0; left -= REMOVE_STEP) {
      ftruncateSync(file, left);
      fdatasyncSync(file);
    }
  } finally {
    closeSync(file);
  }
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
