import type { Environment } from "../db/target.ts";

/** The arguments and the environment of a command. */
export interface CommandContext {
  /** The arguments after the command's name. */
  readonly args: readonly string[];
  readonly env: Environment;
  /** Prints a line to standard output. */
  readonly say: (line: string) => void;
}

/** A command of `bun run identity`. */
export interface Command {
  /** Its lines in the usage. */
  readonly usage: string;
  /** The route that does the same on a running instance, which has locked the database file: `POST /api/v1/…`. */
  readonly routeInstead: string;
  /**
   * Runs the command.
   *
   * @returns whether all went well
   * @throws UsageError when the arguments are wrong
   */
  run(context: CommandContext): Promise<boolean>;
}

/** The arguments on the command line are wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
