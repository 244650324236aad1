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
  if (installPackages(machine, packages)) return missing.every(({ program }) => machine.has(program));
  machine.say(`The tests start these programs, which are not installed: ${names(missing)}.`);
  if (machine.has("apt-get")) {
    machine.say(`Install them with: sudo apt-get update && sudo apt-get install --yes ${packages.join(" ")}`);
  } else {
    for (const { program, home } of missing) machine.say(`Install ${program} so that it is on the PATH: ${home}`);
  }
  return false;
}

/** Seconds to wait while somebody else installs packages. */
const lockSeconds = 300;

/** Installs Debian's packages, if this machine has them and lets us. Returns whether it did. */
export function installPackages(machine: Machine, packages: readonly string[]): boolean {
  const prefix = rightToInstall(machine);
  if (prefix === undefined) return false;
  machine.say(`Installing ${packages.join(", ")} …`);
  const apt = [...prefix, "apt-get", "-o", `DPkg::Lock::Timeout=${lockSeconds}`];
  return (
    machine.run([...apt, "update"]) && machine.run([...apt, "install", "--yes", "--no-install-recommends", ...packages])
  );
}

/** The words before `apt-get`: none for root, `sudo -n` if it asks no password; undefined if it may not install. */
function rightToInstall(machine: Machine): string[] | undefined {
  if (!machine.has("apt-get")) return undefined;
  if (machine.root) return [];
  return machine.has("sudo") && machine.run(["sudo", "-n", "true"], true)
    ? ["sudo", "-n", "--preserve-env"]
    : undefined;
}

function names(missing: readonly { program: string }[]): string {
  return missing.map(({ program }) => program).join(", ");
}
