import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { table } from "./table.ts";

const main = join(import.meta.dir, "main.ts");

/** Results that are promised, and their bounds: a promise is not dropped, nor made smaller, by the way. */
const bars: readonly (readonly [RegExp, ...(string | null)[]])[] = [
  [/^GET of 20 of \d+ tasks$/, "ratio >= 0.5", null],
  [/^CPU of GET of 20 of/, "of_bare_read <= 2"],
  [/^CPU of GET of one task/, "of_bare_read <= 0.68"],
  [/^GET \/auth\/me$/, "ratio >= 0.5"],
  [/^CPU of GET \/auth\/me/, "of_bare_read <= 0.68"],
  [/^POST of a task$/, "ratio >= 0.2"],
  [/^CPU of POST of a task, sixteen/, "of_bare_read <= 2.37"],
  [/^CPU of POST of a task, one/, "of_bare_read <= 4.74"],
  [/^CPU of refresh$/, "of_bare_read <= 2.11"],
  [/^CPU of 100,000 deliveries on 200 streams$/, "of_bare_read <= 12105.26"],
  [/^200,000 tasks on the disk$/, "mib_of_200000 <= 380"],
  [/^CPU of a start with them until it rests$/, "of_bare_read <= 6315.79"],
  [/^memory of a server that rests$/, "mib <= 90"],
  [/^the executable$/, "mib <= 140"],
  [/^installed for running from source$/, "mib <= 240"],
  [/^combining marks in every text field/, "ratio <= 5"],
  [/^a body that is too large, until its 413/, "ms <= 5000"],
  [/^a rebuilt projection of a quiet service$/, "most_ms <= 2000"],
  [/^sqld: .* kept streams/, "cpu_ratio <= 0.6", "cpu_ratio <= 0.6"],
  [/^sqld: commits .* flushed/, "ratio >= 0.78", "ratio >= 0.78"],
  [/^POST of a task while backups are made$/, "p99_ratio <= 3"],
  [/^POST of a task beside Litestream/, "share >= 1"],
  [/^a user disabled beside the server to 401$/, "most_ms <= 1000"],
  [/^revoke to 401 everywhere/, "p99_ms <= 1000", "p99_ms <= 1000"],
  [/^the longest turn of the loop while another process locks/, "stall_ratio <= 0.25"],
];

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
    const boundOf = (name: RegExp) =>
      results.filter((result: { name: string }) => name.test(result.name)).map(({ bound }: { bound: string }) => bound);
    expect(bars.map(([name]) => [name, boundOf(name)])).toEqual(bars.map(([name, ...bounds]) => [name, bounds]));
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
