import { describe, expect, test } from "bun:test";
import { eventually } from "@stoa/testing";
import { workQueue } from "./work-queue.ts";

const full = () => new Error("full");

describe("the queue", () => {
  test("runs no more than its width at once, and everything eventually", async () => {
    const queue = workQueue({ width: 2, depth: 100, full });
    let [running, most, done] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 50 }, () =>
        queue.run(async () => {
          running++;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          done++;
        }),
      ),
    );
    expect([most, done]).toEqual([2, 50]);
  });

  test("past its depth refuses at once", async () => {
    const queue = workQueue({ width: 1, depth: 1, full });
    const gate = Promise.withResolvers<void>();
    const held = [queue.run(() => gate.promise), queue.run(() => gate.promise)];
    await expect(queue.run(() => gate.promise)).rejects.toThrow("full");
    gate.resolve();
    await Promise.all(held);
    expect(await queue.run(async () => "free again")).toBe("free again");
  });

  test("a failure frees its place", async () => {
    const queue = workQueue({ width: 1, depth: 5, full });
    const failing = Array.from({ length: 3 }, () => queue.run(() => Promise.reject(new Error("no"))));
    const results = await Promise.allSettled(failing);
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    await eventually(async () => (await queue.run(async () => 1)) === 1);
  });
});
