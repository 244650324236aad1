import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "./config-error.ts";

/** The name of the file of the secret key, in a data folder and in a backup of it. */
export const secretKeyName = "secret_key";

/** Bytes that a key has at least. */
const LEAST_BYTES = 32;

/**
 * Reads the key from the file `secret_key` in a data folder, and creates it (readable by its owner only) when there is
 * none. It is not created beside databases: what they hold was sealed with the key that is missing. Processes that start
 * together get the same key, because the file is linked into place whole and only once.
 *
 * @throws ConfigError with one line: the key is missing beside a database, or its file is shorter than a key, such as one
 * that was cut off and would be a key that anybody can guess
 */
export function generatedSecretKey(data_dir: string): string {
  const path = join(data_dir, secretKeyName);
  const fresh = `${path}.${process.pid}.${crypto.randomUUID()}`;
  try {
    return keyIn(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (!hasCode(error, "ENOENT")) throw unusable(data_dir, error);
  }
  const database = databaseIn(data_dir);
  if (database !== undefined) throw missingBeside(path, database);
  try {
    mkdirSync(data_dir, { recursive: true, mode: 0o700 });
    writeFileSync(fresh, `${crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url" })}\n`, {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
    linkSync(fresh, path);
  } catch (error) {
    // Another process has created the file meanwhile, and its key is used.
    if (!hasCode(error, "EEXIST")) throw unusable(data_dir, error);
  } finally {
    rmSync(fresh, { force: true });
  }
  return keyIn(path);
}

function keyIn(path: string): string {
  const key = readFileSync(path, "utf8").trim();
  if (Buffer.byteLength(key) >= LEAST_BYTES) return key;
  throw new ConfigError(
    "SECRET_KEY",
    `is not set, and ${path} holds no whole key (at least ${LEAST_BYTES} bytes). Put that file back from your backup, or set SECRET_KEY to the key that was used.`,
  );
}

/**
 * Why the start would find no `SECRET_KEY` in a data folder that has databases; undefined when it would, or there is none.
 * Nothing is created.
 */
export function secretKeyFault(data_dir: string): string | undefined {
  const path = join(data_dir, secretKeyName);
  const database = databaseIn(data_dir);
  if (database === undefined) return undefined;
  try {
    keyIn(path);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    if (hasCode(error, "ENOENT")) return missingBeside(path, database).message;
    return unusable(data_dir, error).message;
  }
}

function missingBeside(path: string, database: string): ConfigError {
  return new ConfigError(
    "SECRET_KEY",
    `is not set, and ${path} is missing beside ${database}, which was made with it. Put that file back from your backup, or set SECRET_KEY to the key that was used.`,
  );
}

/** The name of a database in a folder that holds anything. */
function databaseIn(data_dir: string): string | undefined {
  try {
    return readdirSync(data_dir).find((name) => name.endsWith(".db") && statSync(join(data_dir, name)).size > 0);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw unusable(data_dir, error);
    return undefined;
  }
}

function unusable(data_dir: string, cause: unknown): ConfigError {
  const reason = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  const error = new ConfigError("DATA_DIR", `takes a folder that Stoa may write to; "${data_dir}" is not${reason}.`);
  error.cause = cause;
  return error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
