import type { Environment } from "../db/target.ts";

/** What a command is given. */
export interface CommandContext {
  /** The words after the command's name. */
  readonly args: readonly string[];
  readonly env: Environment;
  /** One line to standard output. */
  readonly say: (line: string) => void;
}

/** A command of `bun run identity`. */
export interface Command {
  /** Its lines of the usage. */
  readonly usage: string;
  /** What does the same on a running instance, which has the database file: `POST /api/v1/…`. */
  readonly meanwhile: string;
  /** Does it. @returns whether all went well. @throws UsageError for wrong words */
  run(context: CommandContext): Promise<boolean>;
}

/** Wrong words on the command line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
