import { readFileSync } from "node:fs";
import type { ServerProcess } from "@stoa/testing/servers/index";
import { rateOf, type Sample } from "./alternate.ts";
import { type Load, load, type Measured } from "./load.ts";

const stepMs = 10;

/**
 * Begins to measure the CPU time of a process. The function says how much it has used since; milliseconds. In a very short
 * time it may not have grown by a step; then it is at most one step.
 */
export function cpuClock(pid: number): () => number {
  const before = cpuMsOf(pid);
  return () => Math.max(cpuMsOf(pid) - before, stepMs);
}

/** The CPU time of all threads of a process since its start in milliseconds, in steps of 10 ms. It works on Linux only. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The program's name is in brackets and may have any text. User time is the 14th field (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * stepMs;
}

/** Runs a load on a server, and measures the server's CPU time for each request. */
export async function loadOn(server: ServerProcess, what: Load): Promise<Sample & { readonly measured: Measured }> {
  const used = cpuClock(server.pid);
  const measured = await load(what);
  return { measured, per_second: rateOf(measured), cpu_ms: used() / measured.answered };
}
