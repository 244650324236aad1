import { expect, test } from "bun:test";
import { turns } from "./turns.ts";

test("work for one key runs one after another, in the order it came, whatever becomes of it", async () => {
  const queue = turns(true);
  const ran: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queue.take("a", async () => {
    await gate.promise;
    ran.push("first");
    throw new Error("lost");
  });
  const second = queue.take("a", async () => ran.push("second"));
  const third = queue.take("a", async () => ran.push("third"));
  expect(await queue.take("b", async () => "another key does not wait")).toBe("another key does not wait");
  expect([queue.taken("a"), queue.taken("b"), ran]).toEqual([true, false, []]);
  gate.resolve();
  await expect(first).rejects.toThrow("lost");
  await Promise.all([second, third]);
  expect(ran).toEqual(["first", "second", "third"]);
  expect(queue.taken("a")).toBe(false);
});

test("a queue is bounded", async () => {
  const queue = turns(true);
  const gate = Promise.withResolvers<void>();
  const waiting = Array.from({ length: 1_000 }, () => queue.take("a", () => gate.promise));
  await expect(queue.take("a", async () => 1)).rejects.toMatchObject({ failure: "unavailable" });
  gate.resolve();
  await Promise.all(waiting);
  expect(await queue.take("a", async () => 1)).toBe(1);
});

test("without queues nothing waits", async () => {
  const queue = turns(false);
  const gate = Promise.withResolvers<void>();
  const first = queue.take("a", () => gate.promise);
  expect([queue.taken("a"), await queue.take("a", async () => 2)]).toEqual([false, 2]);
  gate.resolve();
  await first;
});
