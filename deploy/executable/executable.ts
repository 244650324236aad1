import { dirname, join } from "node:path";

const root = join(import.meta.dir, "../..");

/** The platforms that an executable can be built for. The first build for another platform downloads its Bun. */
export const targets = [
  "bun-linux-x64",
  "bun-linux-arm64",
  "bun-linux-x64-musl",
  "bun-linux-arm64-musl",
  "bun-darwin-arm64",
  "bun-darwin-x64",
  "bun-windows-x64",
] as const satisfies readonly Bun.Build.CompileTarget[];

/** A platform of {@link targets}. */
export type Target = (typeof targets)[number];

/** What compares tables with migrations works in a checkout only, and needs drizzle-kit, which is not for running. */
const withoutDrizzleKit: Bun.BunPlugin = {
  name: "without drizzle-kit",
  setup: (build) => {
    build.onResolve({ filter: /^\.\/(generate|check)\.ts$/ }, ({ path }) => ({ path, external: true }));
  },
};

/**
 * Builds all of Stoa as one file: Bun, the three services, their migrations, the pages of the documentation and the
 * commands. The entry point is the command line; the thread of long reads is another.
 *
 * @param outfile its path; a folder that is missing is created
 * @param target this machine's platform when absent
 * @throws Error when an import cannot be resolved, or another platform's Bun cannot be downloaded
 */
export async function buildExecutable(outfile: string, target?: Target): Promise<void> {
  const built = await Bun.build({
    entrypoints: [join(root, "deploy/cli/main.ts"), join(root, "shared/db/scan-worker-bun.ts")],
    root,
    // A start takes a fifth less CPU, and the file is 8 MiB larger.
    bytecode: true,
    format: "esm",
    // Names stay, so that a stack in a log can be read.
    minify: { whitespace: true, syntax: true },
    plugins: [withoutDrizzleKit],
    compile: {
      outfile,
      assets: [join(root, "drizzle")],
      // A bunfig.toml beside the executable is somebody else's.
      autoloadBunfig: false,
      ...(target ? { target } : {}),
    },
    throw: false,
  });
  if (!built.success) throw new Error(`${dirname(outfile)}: ${built.logs.map(String).join("\n")}`);
}
