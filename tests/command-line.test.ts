import { expect, test } from "bun:test";
import { dirname } from "node:path";
import { filePathOf } from "@stoa/db/file-path";
import { eventually, LOOKS_IN_A_SECOND } from "@stoa/testing";
import { run } from "../deploy/cli/stoa.ts";
import { Client, signUp } from "./client.ts";
import { startStandalone } from "./topologies/standalone.ts";

test("beside a running server, commands read, and a user whom one disables is out everywhere within a second", async () => {
  await using stoa = await startStandalone();
  const DATA_DIR = dirname(filePathOf(stoa.databaseUrls.identity));
  const command = async (line: string) => {
    const lines: string[] = [];
    const code = await run(line.split(" "), { DATA_DIR }, (text) => lines.push(text));
    return { code, text: lines.join("\n") };
  };
  for (const line of ["db status", "events status", "identity keys", "users list"]) {
    expect([line, (await command(line)).code]).toEqual([line, 0]);
  }

  const ana = await signUp(stoa.gatewayUrl, "ana");
  const stream = await ana.stream();
  expect((await ana.get("/api/v1/projects")).status).toBe(200);
  expect(await command(`users disable ${ana.username}`)).toEqual({ code: 0, text: `disabled ${ana.username}` });
  for (const path of ["/api/v1/auth/me", "/api/v1/projects", "/api/v1/conversations"]) {
    await eventually(async () => (await ana.get(path)).status === 401, { looks: LOOKS_IN_A_SECOND });
  }
  await eventually(() => stream.ended);

  // Who is added or let in beside the server can log in at once.
  expect((await command(`users enable ${ana.id}`)).code).toBe(0);
  const password =
    /once: (\S+)/.exec((await command(`users reset-password ${ana.username}@example.com`)).text)?.[1] ?? "";
  const login = await new Client(stoa.gatewayUrl).post("/api/v1/auth/login", {
    username: ana.username,
    password,
  });
  expect(login.status).toBe(200);
}, 60_000);
