import { expect, test } from "bun:test";
import { join } from "node:path";

/** What a process may never need: it is loaded when it is first needed. */
const onDemand = ["@elysiajs/swagger", "@libsql/client", "@zxcvbn-ts/core", "nats", "nodemailer", "otpauth", "qr"];

test("a start loads no package that it may never need, and no client of Node's for HTTP", () => {
  const file = JSON.stringify(join(import.meta.dir, "standalone.ts"));
  const code = `await import(${file}); console.log(JSON.stringify(Object.keys(require.cache)))`;
  const { stdout, exitCode } = Bun.spawnSync([process.execPath, "-e", code], { cwd: join(import.meta.dir, "../..") });
  expect(exitCode).toBe(0);
  const loaded = (JSON.parse(stdout.toString()) as string[]).map((path) => path.replaceAll("\\", "/"));
  const has = (part: string) => loaded.some((path) => path.includes(part));
  expect(has("/node_modules/elysia/")).toBe(true);
  expect(onDemand.filter((name) => has(`/node_modules/${name}/`))).toEqual([]);
  expect(has("/shared/webhooks/post-bun.ts")).toBe(false);
});
