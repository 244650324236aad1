/**
 * Makes a machine ready for the tests: our packages, and the real programs that tests start. Imports nothing but
 * Bun and Node, for it runs before anything is installed.
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

// Not "bun": there may be none on the PATH when npx started this one.
const install = [process.execPath, "install", "--frozen-lockfile", "--silent"];
// The generator of the SDK test stands apart: it needs another TypeScript than ours.
const installed = machine.run(install) && machine.run([...install, "--cwd", "tests/sdk"]);
process.exitCode = installed && prepare(machine) ? 0 : 1;
