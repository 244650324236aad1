import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { table } from "./table.ts";

const main = join(import.meta.dir, "main.ts");

async function bench(...args: string[]) {
  const child = Bun.spawn([process.execPath, main, ...args], { stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, output, errors };
}

describe("bun run bench", () => {
  test("measures everything, prints a table and writes the results", async () => {
    await using folder = await temporaryDirectory("bench");
    const out = join(folder.path, "results.json");
    const { code, output, errors } = await bench("--seconds", "0.1", "--rounds", "1", "--scale", "0.01", "--out", out);
    expect(errors).toBe("");
    expect(code).toBe(0);
    const text = await Bun.file(out).text();
    const { results, environment } = JSON.parse(text);
    // The last has a line for each route besides.
    const routes = results.filter(({ name }: { name: string }) => name.startsWith("worst body of"));
    expect(results.length - routes.length).toBeGreaterThanOrEqual(60);
    expect(routes.length).toBeGreaterThanOrEqual(35);
    for (const { name, ratio, numbers, bound, met } of results) {
      expect(output).toContain(name);
      expect(ratio === null || ratio > 0).toBe(true);
      for (const value of Object.values(numbers)) expect(value).toBeGreaterThan(0);
      // A rate moves with whatever else the machine does, so the CPU time stands beside each.
      const members = Object.keys(numbers);
      if (members.some((member) => member.endsWith("per_second"))) {
        expect([name, members.filter((member) => member.includes("cpu_"))]).not.toEqual([name, []]);
      }
      expect(typeof met).toBe(bound === null ? "object" : "boolean");
    }
    expect(environment).toMatchObject({ bun: Bun.version, cores: expect.any(Number) });
    expect(text).not.toContain(process.cwd());
  }, 400_000);

  test("refuses an unknown name, and prints the known ones", async () => {
    const { code, errors } = await bench("nonsense");
    expect(code).toBe(2);
    expect(errors).toContain("no measurement nonsense");
    expect(errors).toContain("tasks-read");
  });
});

test("the table says which bounds were met and which were not", () => {
  const shown = table([
    { name: "a", ratio: 0.5, numbers: { per_second: 1234.5 }, bound: "ratio >= 0.6", met: false },
    { name: "b", ratio: null, numbers: { p99_ms: 1.5 }, bound: null, met: null },
  ]);
  expect(shown).toContain("0.50   ratio >= 0.6: MISSED  per_second 1235");
  expect(shown).toContain("p99_ms 1.5");
});
