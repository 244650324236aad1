import { expect, test } from "bun:test";
import { Outbox } from "./outbox.ts";

test("an outbox says when it is full, and whoever waits for room goes on when it is read or over", async () => {
  let ended = 0;
  const outbox = new Outbox({ onStart: () => undefined, onEnd: () => ended++ });
  const reader = outbox.stream.getReader();
  for (let n = 0; n < 1_000; n++) outbox.push(new Uint8Array(1));
  expect(outbox.roomy).toBe(false);
  const room = outbox.room();
  expect((await reader.read()).value).toHaveLength(1_000);
  await room;
  outbox.push(new Uint8Array(600 * 1_024));
  expect(outbox.roomy).toBe(false);
  const over = outbox.room();
  await reader.cancel();
  await over;
  outbox.push(new Uint8Array(1));
  expect([ended, outbox.ended]).toEqual([1, true]);
});

test("what is ephemeral is dropped when half of what may wait does", async () => {
  const outbox = new Outbox({ onStart: () => undefined, onEnd: () => undefined });
  for (let n = 0; n < 600; n++) outbox.offer("x");
  expect((await outbox.stream.getReader().read()).value).toHaveLength(500);
});
