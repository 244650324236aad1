import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { eventually, temporaryDirectory } from "@stoa/testing";
import { processLogger } from "./logger-bun.ts";

/** What a process prints that logs by this code and ends as it says. */
async function printed(code: string): Promise<{ msg: string; service: string; level: string; time: string }[]> {
  const source = `import { processLogger } from "${import.meta.dir}/logger-bun.ts"; const log = processLogger("projects"); ${code}`;
  const child = Bun.spawn([process.execPath, "-e", source], { stdout: "pipe", stderr: "ignore" });
  const text = await new Response(child.stdout).text();
  await child.exited;
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test.each([
  ["exits at once", "process.exit(0);"],
  ["throws", 'throw new Error("odd");'],
  ["runs out of work", ""],
  ["goes on", 'await new Promise((go) => setTimeout(go, 20)); log.warn({}, "later"); await new Promise(setImmediate);'],
])("every line is written in order when the process %s", async (_end, end) => {
  const lines = await printed(`for (let n = 0; n < 500; n++) log.info({ n }, "line " + n); ${end}`);
  expect(lines.slice(0, 500).map(({ msg }) => msg)).toEqual(Array.from({ length: 500 }, (_none, n) => `line ${n}`));
  expect(lines[0]).toMatchObject({ service: "projects", level: "info", time: expect.stringMatching(/Z$/) });
  expect(lines[500]?.msg).toBe(end.includes("later") ? "later" : undefined);
});

test("each name stands once in a line, also when a field has the name of what every line has", async () => {
  await using folder = await temporaryDirectory("logger");
  const file = `${folder.path}/log`;
  const log = processLogger("stoa", "info", file);
  log.warn({ service: "projects", level: 7, time: "then", msg: "said", err: new Error("odd") }, "one");
  await eventually(() => readFileSync(file, "utf8") !== "");
  const text = readFileSync(file, "utf8");
  for (const name of ["service", "level", "time", "msg", "err"]) expect(text.split(`"${name}":`)).toHaveLength(2);
  expect(JSON.parse(text)).toMatchObject({ service: "projects", level: "warn", level_: 7, time_: "then", msg: "one" });
});

test("lines are readable, with colours, when standard output is a terminal", async () => {
  const lines = async (env: Record<string, string>) => {
    let text = "";
    const source = `import { processLogger } from "${import.meta.dir}/logger-bun.ts"; processLogger("stoa").info({ n: 1 }, "one");`;
    const child = Bun.spawn([process.execPath, "-e", source], {
      env: { ...env, PATH: process.env.PATH ?? "" },
      terminal: {
        data: (_terminal, bytes) => {
          text += new TextDecoder().decode(bytes);
        },
      },
    });
    await child.exited;
    await eventually(() => text.includes("one"));
    return text;
  };
  const coloured = await lines({});
  for (const part of ["\u001b[32mINFO \u001b[0m one", "service=stoa n=1"]) expect(coloured).toContain(part);
  expect(await lines({ NO_COLOR: "1" })).toMatch(/^\d\d:\d\d:\d\d INFO {2}one service=stoa n=1/);
});

test("lines are written together a moment later, from the logger's level on", async () => {
  await using folder = await temporaryDirectory("logger");
  const file = `${folder.path}/log`;
  const written = () => readFileSync(file, "utf8").trim();
  const log = processLogger("projects", "warn", file);
  log.info({}, "too small");
  log.warn({ n: 1 }, "one");
  log.error({ n: 2 }, "two");
  expect(written()).toBe("");
  await eventually(() => written() !== "");
  const lines = written().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "warn", service: "projects", n: 1, msg: "one" },
    { level: "error", n: 2, msg: "two" },
  ]);
});
