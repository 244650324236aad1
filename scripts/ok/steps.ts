/** One check: a command that exits with 0 when all is well. */
export interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

export interface RunOptions {
  /** How many steps run at a time. */
  readonly atOnce: number;
  readonly say: (line: string) => void;
}

/**
 * Runs steps in order, a few at a time, and prints each with its seconds. At the first failure it prints that step's
 * output, stops those that still run and starts no more. Returns whether all succeeded.
 */
export async function runSteps(steps: readonly Step[], { atOnce, say }: RunOptions): Promise<boolean> {
  const waiting = [...steps];
  const stop = new AbortController();

  const work = async () => {
    for (let step = waiting.shift(); step !== undefined && !stop.signal.aborted; step = waiting.shift()) {
      const started = performance.now();
      const { ok, output } = await run(step, stop.signal);
      if (stop.signal.aborted) return;
      say(`${ok ? "ok  " : "FAIL"} ${step.name} ${((performance.now() - started) / 1000).toFixed(1)} s`);
      if (ok) continue;
      stop.abort();
      say(output);
    }
  };

  await Promise.all(Array.from({ length: atOnce }, work));
  return !stop.signal.aborted;
}

async function run({ command }: Step, signal: AbortSignal): Promise<{ ok: boolean; output: string }> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe", signal });
  const output = Promise.all([child.stdout.text(), child.stderr.text()]);
  const code = await child.exited;
  return { ok: code === 0, output: (await output).join("").trim() };
}
