import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { holdPort, startProcess, temporaryDirectory } from "@stoa/testing";
import { Client, signUp } from "../../tests/client.ts";
import { buildExecutable } from "./executable.ts";

let built: Awaited<ReturnType<typeof temporaryDirectory>>;
let stoa: string;

beforeAll(async () => {
  built = await temporaryDirectory("executable");
  stoa = join(built.path, "stoa");
  await buildExecutable(stoa);
}, 60_000);

afterAll(() => built[Symbol.asyncDispose]());

/** An empty folder, and functions that run the executable there with no program on the PATH. */
async function emptyFolder() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("empty"));
  const { port } = stack.use(await holdPort());
  const url = `http://127.0.0.1:${port}`;
  const env = { PATH: "", PORT: String(port), HOST: "127.0.0.1", RATE_LIMIT_SCALE: "0", LOG_LEVEL: "warn" };
  const owned = stack.move();
  return {
    url,
    path: folder.path,
    start: (...args: string[]) =>
      startProcess([stoa, ...args], {
        env,
        cwd: folder.path,
        ready: async () => (await fetch(`${url}/health/ready`)).ok,
      }),
    /** Runs a command to its end. */
    run: async (...args: string[]) => {
      const child = Bun.spawn([stoa, ...args], { cwd: folder.path, env, stdout: "pipe", stderr: "pipe" });
      const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
      return { code: await child.exited, out, error };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("the executable is all of Stoa: it starts, serves, shows its documentation and stops", async () => {
  await using here = await emptyFolder();
  await using process = await here.start();
  expect(await (await fetch(`${here.url}/health`)).json()).toMatchObject({ status: "ok", database: "ok" });

  // A weak password is found in the dictionaries, and the export is read on the thread of long reads.
  const weak = { email: "ben@example.com", password: "password123456" };
  expect((await new Client(here.url).post("/api/v1/auth/register", weak)).status).toBe(422);
  const ana = await signUp(here.url, "ana");
  expect((await ana.get("/api/v1/auth/me/export")).status).toBe(200);

  expect(await (await fetch(`${here.url}/docs`, { headers: { accept: "text/html" } })).text()).toContain("<!doctype");
  for (const asset of ["swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css"]) {
    const response = await fetch(`${here.url}/docs/assets/${asset}`);
    expect([response.status, (await response.text()).length > 100_000]).toEqual([200, true]);
  }
  process.signal("SIGTERM");
  expect(await process.exited()).toBe(0);
  expect(readdirSync(here.path)).toEqual(["data"]);

  rmSync(join(here.path, "data/projects.db"));
  expect(await here.run()).toMatchObject({ code: 1, error: expect.stringContaining("--accept-new") });
  await using anew = await here.start("--accept-new");
  expect(await anew.stop()).toBe(0);
}, 60_000);

test("its commands find migrations and databases, before the first start and after it", async () => {
  await using here = await emptyFolder();
  expect(await here.run("--help")).toMatchObject({ code: 0, out: expect.stringContaining("stoa db") });
  expect(await here.run("nothing")).toMatchObject({ code: 1, error: expect.stringContaining("no command nothing") });
  expect(await here.run("start", "now")).toMatchObject({ code: 1, error: expect.stringContaining("no arguments") });
  const before = await here.run("db", "status");
  expect([before.code, before.out]).toEqual([0, expect.stringMatching(/identity +0000_initial +not applied/)] as never);
  expect((await here.run("db", "migrate")).code).toBe(0);
  const after = await here.run("db", "status");
  expect([after.code, after.out]).toEqual([0, expect.not.stringContaining("not applied")] as never);
  expect(await here.run("events", "status")).toMatchObject({ code: 0, out: expect.stringContaining("identity") });
  const check = await here.run("db", "check");
  expect([check.code, check.error]).toEqual([1, expect.stringContaining("a checkout")] as never);
}, 60_000);
