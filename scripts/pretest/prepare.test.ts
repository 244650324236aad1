import { expect, test } from "bun:test";
import { type Machine, prepare } from "./prepare.ts";

/** A machine with some programs, on which `apt-get install` installs what it names unless the machine is offline. */
function machineWith(present: string[], options: { root?: boolean; sudo?: boolean; offline?: boolean } = {}) {
  const has = new Set(present);
  const commands: string[] = [];
  const said: string[] = [];
  const machine: Machine = {
    has: (program) => has.has(program),
    root: options.root ?? false,
    run: (command) => {
      commands.push(command.join(" "));
      if (command.includes("true")) return options.sudo ?? false;
      if (options.offline) return false;
      if (command.includes("install")) for (const word of command) has.add(word);
      return true;
    },
    say: (line) => said.push(line),
  };
  return { machine, commands, said };
}

test("nothing happens when all programs are installed", () => {
  const { machine, commands, said } = machineWith(["nats-server", "caddy", "chromium"]);
  expect(prepare(machine)).toBe(true);
  expect([...commands, ...said]).toEqual([]);
});

test("root on Debian installs what is missing, and only that, and waits while others install", () => {
  const { machine, commands } = machineWith(["apt-get", "caddy"], { root: true });
  expect(prepare(machine)).toBe(true);
  const apt = "apt-get -o DPkg::Lock::Timeout=300";
  expect(commands).toEqual([`${apt} update`, `${apt} install --yes --no-install-recommends nats-server chromium`]);
});

test("with sudo that asks no password, the missing programs are installed by it", () => {
  const { machine, commands } = machineWith(["apt-get", "sudo", "caddy", "chromium"], { sudo: true });
  expect(prepare(machine)).toBe(true);
  expect(commands.at(-1)).toMatch(
    /^sudo -n --preserve-env apt-get -o \S+ install --yes --no-install-recommends nats-server$/,
  );
});

test("without the right to install, it prints the command and fails", () => {
  const { machine, said } = machineWith(["apt-get", "sudo", "caddy"]);
  expect(prepare(machine)).toBe(false);
  expect(said).toEqual([
    "The tests start these programs, which are not installed: nats-server, chromium.",
    "Install them with: sudo apt-get update && sudo apt-get install --yes nats-server chromium",
  ]);
});

test("on other systems, each program is printed with where to get it", () => {
  const { machine, commands, said } = machineWith(["caddy", "chromium"], { root: true });
  expect(prepare(machine)).toBe(false);
  expect(commands).toEqual([]);
  expect(said.at(-1)).toBe(
    "Install nats-server so that it is on the PATH: https://github.com/nats-io/nats-server/releases",
  );
});

test("when the installation fails, it prints the command to try and fails", () => {
  const { machine, said } = machineWith(["apt-get"], { root: true, offline: true });
  expect(prepare(machine)).toBe(false);
  expect(said.at(-1)).toContain("apt-get install --yes nats-server caddy chromium");
});
