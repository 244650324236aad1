/** Debian installs daemons in folders that are not in a normal user's PATH. */
const searchPath = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin`;

/** The full path of a program, or an error that says how to get it. */
export function program(name: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`${name} is not installed: run "bun run pretest" once.`);
  return path;
}

/** The full path of a program, or null. */
export function findProgram(name: string): string | null {
  return Bun.which(name, { PATH: searchPath });
}
