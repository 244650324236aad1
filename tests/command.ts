import { root } from "./topologies/local-service.ts";

/** Runs a command of Stoa as an operator would, and returns its exit code and all that it said. */
export async function command(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, text: out + err };
}
