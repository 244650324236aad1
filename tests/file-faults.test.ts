import { expect, test } from "bun:test";
import { runFileFaults } from "./file-fault-run.ts";

/** The time for the kills, two full disks, and catching up; milliseconds. */
const RUN_MS = 240_000;

// The limit of a running process is set by prlimit, which Linux has.
test.if(process.platform === "linux")(
  "with files, killed under load and with a full disk, nothing acknowledged is lost or applied twice, and health says so",
  async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const { acknowledged, faults } = await runFileFaults({ kills: 5, full: 2, seed });
    expect(faults).toEqual([]);
    expect(acknowledged).toBeGreaterThan(100);
  },
  RUN_MS,
);
