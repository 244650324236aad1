import { expect, test } from "bun:test";
import { dirname } from "node:path";
import { openDatabase, sql } from "@stoa/db";
import { filePathOf } from "@stoa/db/file-path";
import { lastSeq } from "@stoa/journal";
import { damage, eventually, LOOKS_IN_A_SECOND } from "@stoa/testing";
import { run } from "../deploy/cli/stoa.ts";
import { signUp } from "./client.ts";
import { startStandalone } from "./topologies/standalone.ts";

/** What health says, of a service or of all. */
interface Health {
  readonly status: string;
  readonly events: { readonly lag: number };
  readonly reasons?: readonly { readonly part: string; readonly reason: string }[];
}

test("a damaged event shows in health and in events status, running and stopped, and nobody keeps a token by it", async () => {
  await using stoa = await startStandalone();
  const url = stoa.databaseUrls.identity;
  const status = async () => {
    const lines: string[] = [];
    const code = await run(["events", "status"], { DATA_DIR: dirname(filePathOf(url)) }, (line) => lines.push(line));
    return { code, text: lines.join("\n") };
  };
  const health = async (path: string) => {
    const answer = await fetch(`${stoa.gatewayUrl}${path}`);
    return { status: answer.status, body: (await answer.json()) as Health };
  };
  const ana = await signUp(stoa.gatewayUrl, "ana");
  await eventually(async () => (await ana.get("/api/v1/projects")).status === 200);

  const db = await openDatabase(url);
  await db.write([
    sql`insert into journal (event_id, type, aggregate_id, time, data)
      values ('struck', 'user.updated', 'someone', ${new Date().toISOString()}, '{"user')`,
  ]);
  const at = await lastSeq(db);
  await eventually(async () => (await health("/health/ready")).body.status === "degraded");
  const { status: code, body } = await health("/health");
  expect([code, body.events.lag > 0]).toEqual([200, true]);
  const named = new RegExp(
    `^Event ${at} of identity \\(user\\.updated, struck\\) cannot be read in the journal of identity`,
  );
  for (const part of ["projects: projector of identity", "messaging: projector of identity", "identity: revocations"]) {
    expect(body.reasons?.find((each) => each.part === part)?.reason).toMatch(named);
  }
  expect(body.reasons?.map(({ part }) => part)).not.toContain("projects: relay");

  // Whoever is disabled after it is out at once all the same.
  expect((await ana.post("/api/v1/auth/logout-all")).status).toBe(204);
  for (const path of ["/api/v1/auth/me", "/api/v1/projects", "/api/v1/conversations"]) {
    await eventually(async () => (await ana.get(path)).status === 401, { looks: LOOKS_IN_A_SECOND });
  }

  const running = await status();
  expect([running.code, running.text.includes(`It stops messaging after event ${at - 1}.`)]).toEqual([1, true]);
  expect(running.text).toContain("identity: revocations: Event");
  await stoa.processes["standalone"]?.stop();
  const stopped = await status();
  expect([stopped.code, stopped.text.includes(`It stops messaging after event ${at - 1}.`)]).toEqual([1, true]);
  expect(stopped.text).not.toContain("identity: revocations");

  await (await damage(db, at, "no JSON"))();
  await db.write([
    sql`update journal set data = '{"user_id":"someone","username":"someone","full_name":null}' where seq = ${at}`,
  ]);
  expect((await status()).code).toBe(0);
  db.close();
}, 60_000);
