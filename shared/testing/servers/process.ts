import { readdirSync, readFileSync } from "node:fs";
import { atEnd } from "../at-end.ts";
import { eventually } from "../eventually.ts";
import { findProgram } from "./program.ts";

/** How a process is started, and how to tell that it is ready. */
export interface ProcessOptions {
  /** The environment of the process. Besides it, the process inherits only PATH, HOME, TMPDIR and LANG. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called until it returns true. An error counts as not ready; the last one is reported when time is up. */
  readonly ready?: (output: string) => boolean | Promise<boolean>;
  /** How long it may take to become ready; milliseconds, 20,000 by default. */
  readonly within?: number;
  /** How long `stop` waits between SIGTERM and SIGKILL; milliseconds, 15,000 by default. */
  readonly stopWithin?: number;
}

/** A real process under test. It ends with the test process, however that one ends. */
export interface ServerProcess extends AsyncDisposable {
  /** The process id since the latest start. */
  readonly pid: number;
  readonly running: boolean;
  /** The last megabyte of what it has written to stdout and stderr since the latest start. */
  output(): string;
  /** Sends SIGTERM, then SIGKILL when it takes too long. Resolves to the exit code; null when a signal ended it. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL and waits until the process has ended. */
  kill9(): Promise<void>;
  /** Sends a signal and returns at once. */
  signal(signal: NodeJS.Signals): void;
  /** Stops it where it stands (SIGSTOP), and waits until none of its threads runs; SIGCONT lets it go on. */
  freeze(): Promise<void>;
  /** Runs the same command again, with the same ports and files, and waits until it is ready. */
  start(): Promise<void>;
  /** Resolves to the exit code when the present run ends. */
  exited(): Promise<number | null>;
}

const outputLimit = 1024 * 1024;
const live = new Set<Bun.Subprocess>();

atEnd(() => {
  for (const child of live) child.kill("SIGKILL");
});

/** Starts a command and waits until it is ready. It throws, with the command's output, when it ends or is late. */
export async function startProcess(command: readonly string[], options: ProcessOptions = {}): Promise<ServerProcess> {
  const wait = options.within ?? 20_000;
  const name = command.join(" ");
  let run = spawn(command, options);

  async function untilReady(): Promise<void> {
    const deadline = Date.now() + wait;
    let problem: unknown;
    while (true) {
      if (run.child.exitCode !== null || run.child.signalCode !== null) {
        await run.drained;
        throw new Error(`${name} ended (${run.child.exitCode ?? run.child.signalCode}) at start:\n${run.output()}`);
      }
      try {
        if (options.ready === undefined || (await options.ready(run.output()))) return;
      } catch (error) {
        problem = error;
      }
      if (Date.now() > deadline) {
        run.child.kill("SIGKILL");
        await run.child.exited;
        throw new Error(`${name} was not ready within ${wait} ms:\n${run.output()}`, { cause: problem });
      }
      await Bun.sleep(20);
    }
  }

  async function ended(): Promise<number | null> {
    await run.child.exited;
    await run.drained;
    return run.child.exitCode;
  }

  await untilReady();
  return {
    get pid() {
      return run.child.pid;
    },
    get running() {
      return run.child.exitCode === null && run.child.signalCode === null;
    },
    output: () => run.output(),
    exited: ended,
    signal: (signal) => run.child.kill(signal),
    freeze: async () => {
      run.child.kill("SIGSTOP");
      await eventually(() => isFrozen(run.child.pid), { what: `the standstill of ${name}` });
    },
    stop: async () => {
      run.child.kill("SIGTERM");
      const late = setTimeout(() => run.child.kill("SIGKILL"), options.stopWithin ?? 15_000);
      const code = await ended();
      clearTimeout(late);
      return code;
    },
    kill9: async () => {
      run.child.kill("SIGKILL");
      await ended();
    },
    start: async () => {
      if (run.child.exitCode === null && run.child.signalCode === null) throw new Error(`${name} is running already.`);
      run = spawn(command, options);
      await untilReady();
    },
    [Symbol.asyncDispose]: async () => {
      run.child.kill("SIGKILL");
      await ended();
    },
  };
}

/** A thread that runs on another core goes on for a moment after the signal, and may answer meanwhile. */
function isFrozen(pid: number): boolean {
  const states =
    process.platform === "linux"
      ? threadStates(pid)
      : [Bun.spawnSync(["ps", "-o", "state=", "-p", `${pid}`]).stdout.toString()];
  return states.every((state) => state.startsWith("T"));
}

/** What each thread does: `R` runs, `S` sleeps, `T` was stopped. Source: proc(5), /proc/pid/task and stat. */
function threadStates(pid: number): string[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/stat`, "utf8").split(") ").at(-1) ?? "");
}

function spawn(command: readonly string[], { env, cwd }: ProcessOptions) {
  const chunks: string[] = [];
  let length = 0;
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      const text = decoder.decode(bytes, { stream: true });
      chunks.push(text);
      length += text.length;
      while (length > outputLimit && chunks.length > 1) length -= chunks.shift()?.length ?? 0;
    }
  };
  const child = Bun.spawn([...dyingWithParent(), ...command], {
    env: { ...inherited(), ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  live.add(child);
  const drained = Promise.all([keep(child.stdout), keep(child.stderr), child.exited.then(() => live.delete(child))]);
  return { child, drained, output: () => chunks.join("") };
}

/**
 * The prefix that makes the kernel kill the process when the test process dies, even by SIGKILL. It needs `setpriv` of
 * util-linux; elsewhere the process is killed only when the test process exits.
 */
function dyingWithParent(): string[] {
  const setpriv = process.platform === "linux" ? findProgram("setpriv") : null;
  return setpriv === null ? [] : [setpriv, "--pdeathsig", "KILL", "--"];
}

function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "TMPDIR", "LANG"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
