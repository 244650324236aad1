import { readFileSync } from "node:fs";
import type { ServerProcess } from "@stoa/testing/servers/index";
import { rateOf, type Sample } from "./alternate.ts";
import { type Load, load, type Measured } from "./load.ts";

/** Milliseconds of CPU that a process has used, all of its threads together. Linux only: the kernel counts hundredths. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // After the program's name, which may hold anything, in brackets (proc_pid_stat(5)): user time is the 14th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** A load on a server, with what each request cost that server. */
export async function loadOn(server: ServerProcess, what: Load): Promise<Sample & { readonly measured: Measured }> {
  const before = cpuMsOf(server.pid);
  const measured = await load(what);
  const used = cpuMsOf(server.pid) - before;
  // A round so short that no hundredth passed still says something: less than one.
  return { measured, per_second: rateOf(measured), cpu_ms: Math.max(used, 10) / measured.answered };
}
