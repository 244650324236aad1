import { join } from "node:path";
import { installPackages, type Machine } from "./prepare.ts";

const root = join(import.meta.dir, "../..");

/** Where the binary is kept: with what else was installed for this project, so that nothing of the system changes. */
export const litestreamFolder = join(root, "node_modules/.cache/litestream-0.5.17");

/**
 * Ensures that Litestream is there, which runs beside standalone in the tests. It is installed by pip into a folder of
 * the project. When that cannot be done, it says so; then only the tests of Litestream fail.
 *
 * @param exists whether a file exists
 */
export function prepareLitestream(machine: Machine, exists: (path: string) => boolean): void {
  if (exists(join(litestreamFolder, "bin/litestream")) || machine.has("litestream")) return;
  machine.say("Installing litestream …");
  if (!machine.has("pip3")) installPackages(machine, ["python3-pip"]);
  const options = [
    "--quiet",
    "--root-user-action=ignore",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
    "--disable-pip-version-check",
  ];
  const requirements = join(root, "deploy/litestream/requirements.txt");
  const install = ["pip3", "install", ...options, "--target", litestreamFolder, "-r", requirements];
  if (machine.has("pip3") && machine.run(install)) return;
  machine.say("The tests of deploy/litestream need litestream 0.5, which is not installed: install pip3, or put");
  machine.say("litestream on the PATH: https://litestream.io/install");
}
