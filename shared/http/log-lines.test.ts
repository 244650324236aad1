import { describe, expect, test } from "bun:test";
import { eventually } from "@stoa/testing";
import { LogLines } from "./log-lines-bun.ts";

/** A reader that takes what `take` returns of each write, or refuses with a code. */
function reader(take: (bytes: Uint8Array) => number | string) {
  let text = "";
  const writes: string[] = [];
  const lines = new LogLines(-1, (_fd, bytes) => {
    const took = take(bytes);
    if (typeof took === "string") throw Object.assign(new Error(took), { code: took });
    const taken = Buffer.from(bytes.subarray(0, took)).toString("latin1");
    writes.push(taken);
    text += taken;
    return took;
  });
  return { lines, writes, text: () => Buffer.from(text, "latin1").toString() };
}

const all = (bytes: Uint8Array) => bytes.length;
const numbered = (count: number) => Array.from({ length: count }, (_none, n) => `line ${n} – ü\n`);

describe("log lines", () => {
  test("of a moment are one write", async () => {
    const { lines, writes, text } = reader(all);
    for (const line of numbered(100)) lines.write(line);
    expect(writes).toEqual([]);
    await eventually(() => writes.length > 0);
    expect([writes.length, text()]).toEqual([1, numbered(100).join("")]);
    lines.write("later\n");
    await eventually(() => writes.length > 1);
    expect(writes[1]).toBe("later\n");
  });

  test("reach a slow reader in order and once, also those written meanwhile", async () => {
    let calls = 0;
    const { lines, text } = reader((bytes) => (++calls % 3 === 0 ? "EAGAIN" : Math.min(bytes.length, 7)));
    for (const line of numbered(20)) lines.write(line);
    await eventually(() => calls > 3);
    lines.write("last\n");
    await eventually(() => text().endsWith("last\n"));
    expect(text()).toBe(`${numbered(20).join("")}last\n`);
  });

  test("that cannot be written are dropped and counted", async () => {
    let refused = 0;
    const { lines, writes } = reader((bytes) => (refused++ === 0 ? "ENOSPC" : bytes.length));
    for (const line of numbered(3)) lines.write(line);
    await eventually(() => refused === 1);
    lines.write("again\n");
    await eventually(() => writes.length === 2);
    expect(writes[0]).toBe("again\n");
    expect(JSON.parse(writes[1] ?? "")).toMatchObject({ level: "warn", dropped: 3 });
  });

  test("that wait when the process ends reach a slow reader before", () => {
    let calls = 0;
    const { lines, text } = reader((bytes) => (++calls % 2 === 1 ? "EAGAIN" : Math.min(bytes.length, 50)));
    for (const line of numbered(20)) lines.write(line);
    lines.end();
    expect(text()).toBe(numbered(20).join(""));
  });

  test("beyond what may wait are dropped and counted", async () => {
    let full = true;
    const { lines, writes } = reader((bytes) => (full ? "EAGAIN" : bytes.length));
    const megabyte = `${"x".repeat(1_048_575)}\n`;
    for (let n = 0; n < 20; n++) lines.write(megabyte);
    full = false;
    await eventually(() => writes.length === 2);
    expect(writes[0]).toBe(megabyte.repeat(17));
    expect(JSON.parse(writes[1] ?? "")).toMatchObject({ dropped: 3 });
  });
});
