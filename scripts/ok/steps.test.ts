import { expect, test } from "bun:test";
import { runSteps } from "./steps.ts";

const sh = (name: string, script: string) => ({ name, command: ["sh", "-c", script] });

test("each step is printed with its seconds", async () => {
  const said: string[] = [];
  const ok = await runSteps([sh("one", "true"), sh("two", "echo noise")], {
    atOnce: 1,
    say: (line) => said.push(line),
  });
  expect(ok).toBe(true);
  expect(said.map((line) => line.replace(/\d+\.\d/, "0.0"))).toEqual(["ok   one 0.0 s", "ok   two 0.0 s"]);
});

test("the output of a failing step is printed, and no other step starts", async () => {
  const said: string[] = [];
  const steps = [sh("bad", "echo on stdout; echo on stderr >&2; exit 1"), sh("next", "true")];
  expect(await runSteps(steps, { atOnce: 1, say: (line) => said.push(line) })).toBe(false);
  expect(said[0]).toStartWith("FAIL bad ");
  expect(said[1]).toBe("on stdout\non stderr");
  expect(said).toHaveLength(2);
});

test("a failing step stops those that run, without printing them", async () => {
  const said: string[] = [];
  const steps = [sh("slow", "exec sleep 60"), sh("bad", "exit 1")];
  expect(await runSteps(steps, { atOnce: 2, say: (line) => said.push(line) })).toBe(false);
  expect(said.filter((line) => line.includes("slow"))).toEqual([]);
});
