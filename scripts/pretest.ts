/**
 * Prepares a machine for the tests: it installs the packages and the programs that tests start. It imports only from
 * Bun and Node, because it runs before anything is installed.
 */
import { type Machine, prepare } from "./pretest/prepare.ts";

const machine: Machine = {
  has: (program) => Bun.which(program, { PATH: `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin` }) !== null,
  root: process.getuid?.() === 0,
  run: (command, quiet = false) => {
    const output = quiet ? "ignore" : "inherit";
    const { exitCode } = Bun.spawnSync([...command], {
      stdin: "ignore",
      stdout: output,
      stderr: output,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    return exitCode === 0;
  },
  say: (line) => console.error(line),
};

// This does not run "bun", which may not be on the PATH when npx has started this process.
const install = [process.execPath, "install", "--frozen-lockfile", "--silent"];
// The generator of the SDK test has a package of its own, because it needs another version of TypeScript.
const installed = machine.run(install) && machine.run([...install, "--cwd", "tests/sdk"]);
process.exitCode = installed && prepare(machine) ? 0 : 1;
