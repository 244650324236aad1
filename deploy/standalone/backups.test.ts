import { expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "@stoa/config";
import { exampleBackup } from "@stoa/identity/backups/schema";
import { eventually, silent, temporaryDirectory } from "@stoa/testing";
import { runningBackups } from "./backups.ts";

/** Backups whose command waits for a file `go` and counts how often it was started. */
async function world(script: string, more: Record<string, string> = {}) {
  const folder = await temporaryDirectory("backups");
  const lines: string[] = [];
  const log = { ...silent, error: (fields: object) => lines.push(JSON.stringify(fields)) };
  const config = loadConfig({ DATA_DIR: folder.path, ...more }, "standalone");
  const command = [process.execPath, "-e", script];
  return {
    backups: runningBackups(config, log, command),
    lines,
    started: () => readdirSync(folder.path).filter((name) => name.startsWith("started")).length,
    go: () => writeFileSync(join(folder.path, "go"), ""),
    path: folder.path,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const waiting = `
  const { existsSync, writeFileSync } = require("node:fs");
  const dir = process.env.DATA_DIR;
  writeFileSync(dir + "/started-" + process.pid, "");
  while (!existsSync(dir + "/go")) await Bun.sleep(5);
  console.log(${JSON.stringify(JSON.stringify({ ...exampleBackup, cursors: {} }))});
`;

test("one is made at a time; those who ask meanwhile share the next one", async () => {
  await using w = await world(waiting);
  const { backups } = w;
  if (!backups) throw new Error("The databases are files.");
  const first = backups.take();
  await eventually(() => w.started() === 1);
  const others = [backups.take(), backups.take(), backups.take()];
  expect(w.started()).toBe(1);
  w.go();
  expect(await first).toEqual(exampleBackup);
  expect(await Promise.all(others)).toEqual([exampleBackup, exampleBackup, exampleBackup]);
  expect(w.started()).toBe(2);
  await backups.take();
  expect(w.started()).toBe(3);
});

test("one that fails is unavailable, with the reason in the log alone, and the next one is made", async () => {
  await using w = await world(`
    if (!require("node:fs").existsSync(process.env.DATA_DIR + "/go")) { console.error("the disk is full"); process.exit(1); }
    ${waiting}`);
  const failure = await w.backups?.take().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "unavailable", headers: { "retry-after": "30" } });
  expect(String(failure)).not.toContain("disk");
  expect(w.lines.join()).toContain("the disk is full");
  w.go();
  expect(await w.backups?.take()).toEqual(exampleBackup);
});

test("stopping ends the one that is being made, and begins none for those who wait for the next one", async () => {
  await using w = await world(waiting);
  const take = () => w.backups?.take().catch((error: unknown) => error);
  const taken = take();
  await eventually(() => w.started() === 1);
  const next = take();
  w.backups?.stop();
  expect(await taken).toMatchObject({ code: "unavailable" });
  expect(await next).toMatchObject({ code: "unavailable" });
  expect(w.started()).toBe(1);
  expect(existsSync(join(w.path, "go"))).toBe(false);
});

test("where a database is at a server, there are none", async () => {
  await using w = await world("", { PROJECTS_DATABASE_URL: "http://127.0.0.1:1" });
  expect(w.backups).toBeNull();
});
