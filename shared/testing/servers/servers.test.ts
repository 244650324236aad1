import { expect, test } from "bun:test";
import { connect, StringCodec } from "nats";
import { eventually } from "../eventually.ts";
import { chromium, reachable, startCaddy, startNats, startProcess, startSqld, temporaryDirectory } from "./index.ts";

const codec = StringCodec();

test("a stream survives that nats-server is killed and started again on the same port", async () => {
  await using server = await startNats();
  const publisher = await connect({ servers: server.url });
  const manager = await publisher.jetstreamManager();
  await manager.streams.add({ name: "TEST", subjects: ["test.>"] });
  await publisher.jetstream().publish("test.one", codec.encode("1"));
  await publisher.close();

  const { pid } = server;
  await server.kill9();
  expect(server.running).toBe(false);
  await server.start();
  expect(server.pid).not.toBe(pid);

  const reader = await connect({ servers: server.url });
  expect((await (await reader.jetstreamManager()).streams.info("TEST")).state.messages).toBe(1);
  await reader.close();
});

test("wiping the store of nats-server deletes the streams", async () => {
  await using server = await startNats();
  const first = await connect({ servers: server.url });
  await (await first.jetstreamManager()).streams.add({ name: "TEST", subjects: ["test.>"] });
  await first.close();
  await expect(server.wipe()).rejects.toThrow("Stop nats-server");
  await server.stop();
  await server.wipe();
  await server.start();
  const second = await connect({ servers: server.url });
  await expect((await second.jetstreamManager()).streams.info("TEST")).rejects.toThrow("stream not found");
  await second.close();
});

test("a configuration defines the users of nats-server", async () => {
  await using server = await startNats({
    config: "authorization { users = [ { user: a, password: $SECRET } ] }",
    env: { SECRET: "right" },
  });
  const good = await connect({ servers: server.url, user: "a", pass: "right" });
  await good.close();
  await expect(connect({ servers: server.url, user: "a", pass: "wrong" })).rejects.toThrow("Authorization");
});

test("what sqld has acknowledged survives that it is killed", async () => {
  await using server = await startSqld();
  const run = async (stmt: string) => {
    const response = await fetch(`${server.url}/v2/pipeline`, {
      method: "POST",
      body: JSON.stringify({ requests: [{ type: "execute", stmt: { sql: stmt } }] }),
    });
    return (await response.json()) as { results: { response: { result: { rows: unknown[] } } }[] };
  };
  await run("create table t (x)");
  await run("insert into t values (1)");
  await server.kill9();
  await server.start();
  expect((await run("select x from t")).results[0]?.response.result.rows).toHaveLength(1);
});

test("Caddy serves a Caddyfile with values from its environment", async () => {
  await using server = await startCaddy('{\n admin off\n}\nhttp://:{$PORT} {\n respond "{$WORD}"\n}', () => ({
    WORD: "hello",
  }));
  expect(await (await fetch(server.url)).text()).toBe("hello");
  expect(await server.stop()).toBe(0);
  expect(await reachable(server.port)).toBe(false);
});

test("a command that fails at start is an error with its output", async () => {
  await expect(startProcess(["sh", "-c", "echo reason >&2; exit 3"], { ready: () => false })).rejects.toThrow(
    /ended \(3\) at start:\nreason/,
  );
});

test("a command that is not ready in time is killed, and the error has the last reason", async () => {
  const late = startProcess(["sleep", "60"], {
    within: 60,
    ready: () => {
      throw new Error("nobody there");
    },
  });
  await expect(late).rejects.toThrow("not ready within 60 ms");
  expect(await late.catch((error: Error) => error.cause)).toMatchObject({ message: "nobody there" });
});

test("a process that ignores SIGTERM is killed after stopWithin", async () => {
  await using stubborn = await startProcess(["sh", "-c", 'trap "" TERM; echo up; while :; do sleep 0.05; done'], {
    ready: (output) => output.includes("up"),
    stopWithin: 100,
  });
  expect(await stubborn.stop()).toBeNull();
  expect(stubborn.running).toBe(false);
});

test.if(process.platform === "linux")("servers die with the process that started them, even by SIGKILL", async () => {
  const script = `import { startNats } from "${import.meta.dir}/index.ts";
    const server = await startNats(); console.log("pid", server.pid); setInterval(() => {}, 1000);`;
  // A killed process cannot delete its files, so they go into a directory that this test deletes.
  await using directory = await temporaryDirectory("parent");
  await using parent = await startProcess([process.execPath, "-e", script], {
    env: { TMPDIR: directory.path },
    ready: (text) => /pid \d+/.test(text),
  });
  const pid = /pid (\d+)/.exec(parent.output())?.[1];
  expect(await alive(pid)).toBe(true);
  await parent.kill9();
  await eventually(async () => !(await alive(pid)));
});

test("Chromium opens a page", async () => {
  using site = Bun.serve({
    port: 0,
    fetch: () => new Response("<title>Stoa</title>", { headers: { "content-type": "text/html" } }),
  });
  await using browser = await chromium();
  const page = await browser.newPage();
  await page.goto(site.url.href);
  expect(await page.title()).toBe("Stoa");
}, 30_000);

/** Whether the process runs. A zombie that nobody has reaped yet counts as ended. */
async function alive(pid: string | undefined): Promise<boolean> {
  const status = Bun.file(`/proc/${pid}/status`);
  return (await status.exists()) && !/^State:\s+Z/m.test(await status.text());
}
