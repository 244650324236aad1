/** How a command of the command line is called here: `stoa db` by the executable, `bun run db` in a checkout. */
export function called(command: string): string {
  return Bun.isStandaloneExecutable ? `stoa ${command}` : `bun run ${command}`;
}
