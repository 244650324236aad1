/** What `prepare` needs of the machine. */
export interface Machine {
  has(program: string): boolean;
  /** Whether this process is root. */
  readonly root: boolean;
  /** Runs a command. Returns whether it succeeded. */
  run(command: readonly string[], quiet?: boolean): boolean;
  say(line: string): void;
}

/** The programs that tests start, each with its Debian package and its home page. */
const programs = [
  { program: "nats-server", debian: "nats-server", home: "https://github.com/nats-io/nats-server/releases" },
  { program: "caddy", debian: "caddy", home: "https://caddyserver.com/docs/install" },
  { program: "chromium", debian: "chromium", home: "https://www.chromium.org/getting-involved/download-chromium" },
] as const;

/**
 * Ensures that the programs that tests start are installed. It installs Debian's packages if it may, otherwise it prints
 * what to install. Returns whether all of them are installed.
 */
export function prepare(machine: Machine): boolean {
  const missing = programs.filter(({ program }) => !machine.has(program));
  if (missing.length === 0) return true;
  const packages = missing.map(({ debian }) => debian);
  const prefix = rightToInstall(machine);
  if (prefix !== undefined) {
    machine.say(`Installing ${packages.join(", ")} …`);
    const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...packages];
    if (machine.run([...prefix, "apt-get", "update"]) && machine.run([...prefix, ...install])) {
      return missing.every(({ program }) => machine.has(program));
    }
  }
  machine.say(`The tests start these programs, which are not installed: ${names(missing)}.`);
  if (machine.has("apt-get")) {
    machine.say(`Install them with: sudo apt-get update && sudo apt-get install --yes ${packages.join(" ")}`);
  } else {
    for (const { program, home } of missing) machine.say(`Install ${program} so that it is on the PATH: ${home}`);
  }
  return false;
}

/** The words before `apt-get`: none for root, `sudo -n` if it asks no password; undefined if it may not install. */
export function rightToInstall(machine: Machine): string[] | undefined {
  if (!machine.has("apt-get")) return undefined;
  if (machine.root) return [];
  return machine.has("sudo") && machine.run(["sudo", "-n", "true"], true)
    ? ["sudo", "-n", "--preserve-env"]
    : undefined;
}

function names(missing: readonly { program: string }[]): string {
  return missing.map(({ program }) => program).join(", ");
}
