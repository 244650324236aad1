import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { holdPort, startProcess, temporaryDirectory } from "@stoa/testing";
import { run as events } from "../cli/events/main.ts";

const MS = 120_000;
const main = new URL("main.ts", import.meta.url).pathname;

/** A standalone Stoa in a data folder of its own. */
async function world() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("standalone-files"));
  const { port } = stack.use(await holdPort());
  const url = `http://127.0.0.1:${port}`;
  const data = join(folder.path, "data");
  const env = { PORT: String(port), HOST: "127.0.0.1", DATA_DIR: data, ENVIRONMENT: "test", LOG_LEVEL: "warn" };
  const command = (...flags: string[]) => [process.execPath, main, ...flags];
  const ready = async () => (await fetch(`${url}/health/ready`)).ok;
  const owned = stack.move();
  return {
    url,
    file: (name: string) => join(data, name),
    start: (...flags: string[]) => startProcess(command(...flags), { env, ready }),
    /** What a start that is refused says. */
    refused: async () => {
      const its = Bun.spawn(command(), { env: { ...env, PATH: process.env.PATH }, stdout: "ignore", stderr: "pipe" });
      const said = await new Response(its.stderr).text();
      expect(await its.exited).toBe(1);
      expect(said.trim().split("\n")).toHaveLength(1);
      return said.trim();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test(
  "a start that finds a file missing, empty or damaged says so in one line and makes nothing",
  async () => {
    await using w = await world();
    const first = await w.start();
    expect(await first.stop()).toBe(0);
    await first[Symbol.asyncDispose]();
    const [projects, key] = [w.file("projects.db"), w.file("secret_key")];

    renameSync(key, `${key}.away`);
    expect(await w.refused()).toContain(`${key} is missing beside`);
    expect(existsSync(key)).toBe(false);
    renameSync(`${key}.away`, key);

    renameSync(projects, `${projects}.away`);
    expect(await w.refused()).toBe(
      `${projects} is not there, and identity.db beside it is not new. Put a backup in its place, or start with --accept-new to begin an empty one.`,
    );
    expect(existsSync(projects)).toBe(false);

    writeFileSync(projects, "");
    expect(await w.refused()).toStartWith(`${projects} is empty (0 bytes)`);

    writeFileSync(projects, "no database at all, but long enough to be looked at".repeat(100));
    expect(await w.refused()).toStartWith(`${projects} is damaged, or is no SQLite database`);

    rmSync(projects);
    // What a copy of the file alone has while everything is in the write-ahead log.
    const bare = new Database(projects);
    bare.run("pragma journal_mode = wal");
    bare.close();
    expect(await w.refused()).toBe(
      `${projects} has no tables, and identity.db beside it is not new. Put a backup in its place, or start with --accept-new to begin an empty one.`,
    );

    rmSync(projects);
    const anew = await w.start("--accept-new");
    expect(existsSync(projects)).toBe(true);
    expect(await anew.stop()).toBe(0);
    await anew[Symbol.asyncDispose]();
  },
  MS,
);

test(
  "a database file that is replaced under the server makes it unavailable, with the reason",
  async () => {
    await using w = await world();
    await using _stoa = await w.start();
    const file = w.file("messaging.db");
    copyFileSync(file, `${file}.copy`);
    renameSync(`${file}.copy`, file);
    const answer = await fetch(`${w.url}/health/ready`);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      {
        status: "unavailable",
        reasons: [
          {
            part: "messaging: database",
            reason:
              "messaging.db was replaced while Stoa runs, so nothing is written any more. Stop Stoa, put the right file in its place, and start it again.",
          },
        ],
      },
    ]);
    const health = await fetch(`${w.url}/health/messaging`);
    expect([health.status, await health.json()]).toEqual([503, expect.objectContaining({ status: "unavailable" })]);
    const said: string[] = [];
    const code = await events(["status"], { DATA_DIR: dirname(file) }, (line) => said.push(line));
    expect([code, said.at(-1)]).toEqual([1, expect.stringContaining("messaging.db was replaced while Stoa runs")]);
  },
  MS,
);

test(
  "a database file that another one is copied over makes the server unavailable, with the reason",
  async () => {
    await using w = await world();
    const first = await w.start();
    // A clean stop moves everything into the files, so that they are recognised from the start.
    expect(await first.stop()).toBe(0);
    await first[Symbol.asyncDispose]();
    await using _stoa = await w.start();
    // As `cp` does it: the file stays the one that it was, with other bytes.
    writeFileSync(w.file("identity.db"), readFileSync(w.file("messaging.db")));
    const answer = await fetch(`${w.url}/health/ready`);
    const { reasons } = (await answer.json()) as { reasons: { part: string; reason: string }[] };
    expect([answer.status, reasons[0]?.part]).toEqual([503, "identity: database"]);
    expect(reasons[0]?.reason).toMatch(/^identity.db was (overwritten|cut off) while Stoa runs/);
  },
  MS,
);
