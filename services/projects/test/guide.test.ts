import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startTeam, type Team } from "./team.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

test("the commands of docs/projects.md do what it says", async () => {
  const guide = await Bun.file(join(import.meta.dir, "../../../docs/projects.md")).text();
  // The first block logs in, which is identity's to test.
  const [, ...blocks] = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  expect(blocks.length).toBeGreaterThan(4);
  await using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: team.app.fetch });
  const script = `set -euo pipefail
    curl() { command curl --fail-with-body "$@"; }
    API=http://127.0.0.1:${server.port}/api/v1
    JSON='content-type: application/json'
    field() { grep -o "\\"$1\\":\\"[^\\"]*" | head -n 1 | cut -d'"' -f4; }
    ANA='authorization: Bearer ${team.ada.token_id}'
    ${blocks.join("\n")}
    curl -s $API/tasks/$TASK -H "$ANA" >&2`;
  const run = Bun.spawn(["bash", "-c", script], { stdout: "pipe", stderr: "pipe" });
  const [said, last] = [await new Response(run.stdout).text(), await new Response(run.stderr).text()];
  expect([await run.exited, said]).toEqual([0, expect.stringContaining("logged_minutes")]);
  expect(JSON.parse(last)).toMatchObject({ key: "GEM-1", status: "completed", logged_minutes: 60, is_blocked: false });
});
