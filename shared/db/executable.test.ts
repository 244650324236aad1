import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";

const root = join(import.meta.dir, "../..");

test("in an executable the engine and its thread are found, in an empty folder with nothing installed", async () => {
  await using folder = await temporaryDirectory("executable");
  const program = join(folder.path, "scan-once");
  await Bun.build({
    entrypoints: [join(import.meta.dir, "test/scan-once.ts"), join(import.meta.dir, "scan-worker-bun.ts")],
    root,
    compile: { outfile: program },
  });
  const child = Bun.spawn([program, "a.db"], {
    cwd: folder.path,
    env: { PATH: "" },
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(await new Response(child.stdout).text()).toBe('[{"x":7}]');
  expect(await child.exited).toBe(0);
}, 20_000);
