/**
 * Builds the executable: `bun run build [PLATFORM…]`, by default for this machine as `dist/stoa`; with `--all` for every
 * platform, as `dist/stoa-linux-x64` and the like.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildExecutable, type Target, targets } from "./executable.ts";

const dist = join(import.meta.dir, "../../dist");

const { values, positionals } = parseArgs({
  options: { all: { type: "boolean", default: false } },
  allowPositionals: true,
});

process.exitCode = (await buildAll(values.all ? targets.map(String) : positionals)) ? 0 : 1;

async function buildAll(names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return build("stoa");
  let ok = true;
  for (const name of names) {
    const target = targets.find((each) => each === name || each === `bun-${name}`);
    if (target) ok = (await build(target.replace("bun-", "stoa-"), target)) && ok;
    else console.error(`There is no platform ${name}; the platforms are ${targets.join(", ")}.`);
    ok = target !== undefined && ok;
  }
  return ok;
}

async function build(name: string, target?: Target): Promise<boolean> {
  const path = join(dist, target?.includes("windows") ? `${name}.exe` : name);
  try {
    await buildExecutable(path, target);
    console.log(`${path}  ${Math.round(Bun.file(path).size / 2 ** 20)} MiB`);
    return true;
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
