import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filePathOf } from "@stoa/db/file-path";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { targets } from "../deploy/executable/executable.ts";
import { Client } from "./client.ts";
import { command } from "./command.ts";
import { commandsOf, shell, snippetsOf } from "./snippets.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

/** What README and the guides for operators show is run here as it stands, beside a running standalone. */
const MS = 60_000;
const commandLine = "docs/operations/command-line.md";
const backups = "docs/operations/backup.md";

let stoa: Topology;
let folder: TemporaryDirectory;
let dataDir: string;

beforeAll(async () => {
  folder = await temporaryDirectory("snippets");
  stoa = await startStandalone();
  dataDir = dirname(filePathOf(stoa.databaseUrls.identity));
}, MS);

afterAll(async () => {
  await stoa.stop();
  await folder[Symbol.asyncDispose]();
});

test(
  "README: five minutes with curl go as it says",
  async () => {
    const [fiveMinutes = ""] = snippetsOf("README.md");
    const code = fiveMinutes.replace("http://localhost:8080", stoa.gatewayUrl);
    const { code: exit, text, asked } = await shell(code, { folder: folder.path });
    expect([exit, text]).toEqual([0, expect.stringContaining("Well done.")]);
    const statuses = asked.map((line) => line.replace(/[\da-f]{8}-[\da-f-]{27}/g, ":id"));
    expect(statuses.toSorted()).toEqual(
      [
        ...["register", "register"].map((path) => `POST /api/v1/auth/${path} 201`),
        ...["login", "login"].map((path) => `POST /api/v1/auth/${path} 200`),
        "POST /api/v1/projects 201",
        "POST /api/v1/projects/:id/users 201",
        "GET /api/v1/stream 200",
        "POST /api/v1/tasks 201",
        "GET /api/v1/auth/me 200",
        "PUT /api/v1/tasks/:id/assignees 200",
        "PATCH /api/v1/tasks/:id/complete 200",
        "GET /api/v1/tasks/:id/logs 200",
        "GET /api/v1/conversations 200",
        "POST /api/v1/conversations/:id/messages 201",
        "POST /api/v1/auth/logout 204",
        // All services refuse his token, and his stream ends.
        "GET /api/v1/projects 401",
        "/api/v1/stream ended",
      ].toSorted(),
    );
    // Ben is notified on his stream.
    expect(text).toMatch(/event: notification\.created\n/);
  },
  MS,
);

test(
  "backup.md: backups over HTTP and by the command, and a restore into another folder",
  async () => {
    const login = { username: stoa.superuser.email, password: stoa.superuser.password };
    const { access_token: ROOT } = await new Client(stoa.gatewayUrl).must<{ access_token: string }>(
      200,
      "POST",
      "/api/v1/auth/login",
      login,
    );
    const [overHttp = ""] = snippetsOf(backups);
    const env = { API: `${stoa.gatewayUrl}/api/v1`, ROOT };
    expect(await shell(overHttp, { folder: folder.path, env })).toMatchObject({
      code: 0,
      asked: ["POST /api/v1/admin/backups 201", "GET /api/v1/admin/backups 200"],
    });

    const to = join(folder.path, "mnt-backups");
    const here = (line: string) => line.replace("/mnt/backups", to).split(" ").slice(1);
    const lines = commandsOf(backups, "bun run backup");
    expect(lines.map((line) => line.replace(/ +#.*/, ""))).toEqual([
      "bun run backup",
      "bun run backup --to /mnt/backups",
    ]);
    for (const line of lines) {
      expect(await command(here(line.replace(/ +#.*/, "")), { DATA_DIR: dataDir })).toMatchObject({ code: 0 });
    }
    const [name = ""] = readdirSync(to).filter((entry) => entry !== ".lock");
    const drill = join(folder.path, "drill");
    const [restore = ""] = commandsOf(backups, "bun run restore");
    const restored = await command(here(restore.replace(/[^/]+Z$/, name)), { DATA_DIR: drill });
    expect(restored).toMatchObject({ code: 0, text: expect.stringContaining("Restored the backup") });
    expect(existsSync(join(drill, "identity.db"))).toBe(true);
    const [rebuild = ""] = commandsOf(backups, "bun run events rebuild");
    expect(await command(rebuild.split(" ").slice(1), { DATA_DIR: drill })).toMatchObject({ code: 0 });
  },
  MS,
);

describe("command-line.md", () => {
  test("lists the commands that there are", async () => {
    const help = (await command(["deploy/cli/main.ts", "--help"], {})).text;
    const listed = [...help.matchAll(/^ {2}(?:\S+ run |\S*stoa )?(\w+)/gm)].map(([, name]) => name);
    const text = readFileSync(commandLine, "utf8");
    for (const name of listed.filter((each) => each !== "start")) expect(text).toContain(`./stoa ${name}`);
    for (const [, name] of text.matchAll(/\.\/stoa (\w[\w-]*)/g)) expect(listed).toContain(name);
  });

  test("names the platforms that there are", () => {
    const [, named = ""] = /The platforms are (.*?)\. /s.exec(readFileSync(commandLine, "utf8")) ?? [];
    expect(named.split(/,\s+|\s+and\s+/).map((name) => `bun-${name}`)).toEqual([...targets]);
  });

  test(
    "its commands for users do what it says, beside a running server",
    async () => {
      writeFileSync(join(folder.path, "password.txt"), "six swans above the lock\n");
      const lines = commandsOf(commandLine, "./stoa users ").filter((line) => !line.includes("…"));
      expect(lines).toHaveLength(4);
      // Ana and Ben of README are in this Stoa already.
      const code = lines.join("\n").replaceAll(/\b(ana|ben)\b/g, "other-$1");
      const { code: exit, text } = await shell(code, { folder: folder.path, env: { DATA_DIR: dataDir } });
      expect([exit, text]).toEqual([0, expect.stringContaining("disabled other-ben")]);
      const log = async (username: string, password: string) =>
        (await new Client(stoa.gatewayUrl).post("/api/v1/auth/login", { username, password })).status;
      // Whoever knows the password of somebody disabled is told so.
      expect(await log("other-ben", "six swans above the lock")).toBe(403);
      const [password = ""] = [...text.matchAll(/once: (\S+)/g)].map(([, said]) => said).toReversed();
      expect(await log("other-ana", password)).toBe(200);
    },
    MS,
  );

  /** The rows of its table, a command each: what a running standalone lets it do. */
  const rows = readFileSync(commandLine, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => {
      const [, names = "", what = ""] = line.split("|").map((cell) => cell.trim());
      const [first = "", ...more] = [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
      const group = first.split(" ")[0];
      const others = more.map((name) =>
        first.includes(" ") && !name.includes(" ") && name !== "config" ? `${group} ${name}` : name,
      );
      return [first, ...others].map((name) => [name, what.startsWith("refused") ? 1 : 0] as const);
    });

  /** What a command needs besides its name. */
  const needed: Readonly<Record<string, string>> = {
    "users …": "users list",
    "mail test": "mail test ana@example.com",
    "events rebuild": "events rebuild messaging",
    "events accept": "events accept identity",
    "identity import-users": `identity import-users ${join(import.meta.dir, "../package.json")}`,
  };

  // Imports of other systems have tests of their own, which give them files.
  const here = rows.filter(
    ([name]) => name !== "…" && !name.endsWith(" …") && !/^(projects|messaging) import$/.test(name),
  );

  test("its table has the commands that matter beside a running server", () => {
    expect(here.length).toBeGreaterThanOrEqual(14);
  });

  test.each([...here, ["users …", 0] as const])(
    "beside a running server `%s` ends with %d",
    async (name, code) => {
      const args = name === "restore" ? [name, await madeBackup()] : (needed[name] ?? name).split(" ");
      const ended = await command(["deploy/cli/main.ts", ...args], { DATA_DIR: dataDir });
      expect([ended.code, ended.text]).toEqual([code, expect.any(String)]);
      if (code === 1) expect(ended.text).toContain("Stoa is already running");
    },
    MS,
  );
});

/** The folder of a backup that was made for this. */
async function madeBackup(): Promise<string> {
  const to = join(folder.path, "to-restore");
  expect(await command(["deploy/cli/main.ts", "backup", "--to", to], { DATA_DIR: dataDir })).toMatchObject({ code: 0 });
  const [name = ""] = readdirSync(to).filter((entry) => entry !== ".lock");
  return join(to, name);
}
