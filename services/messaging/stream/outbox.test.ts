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

test("all that is queued in one turn goes out at once, also while the reader waits", async () => {
  const outbox = new Outbox({ onStart: () => undefined, onEnd: () => undefined });
  const reader = outbox.stream.getReader();
  const waiting = reader.read();
  for (const text of ["a", "b", "c"]) outbox.push(text);
  expect(new TextDecoder().decode((await waiting).value)).toBe("abc");
  outbox.push("d");
  expect(outbox.taken).toBe(1);
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("d");
});

test("what was queued before the end still goes out, then the stream is over", async () => {
  let ended = 0;
  const outbox = new Outbox({ onStart: () => undefined, onEnd: () => ended++ });
  const reader = outbox.stream.getReader();
  const waiting = reader.read();
  outbox.push("last");
  outbox.end();
  expect(new TextDecoder().decode((await waiting).value)).toBe("last");
  expect((await reader.read()).done).toBe(true);
  expect(ended).toBe(1);
});

test("a reader who waits and goes gets nothing more, and that is no failure", async () => {
  let ended = 0;
  const outbox = new Outbox({ onStart: () => undefined, onEnd: () => ended++ });
  const reader = outbox.stream.getReader();
  const waiting = reader.read();
  outbox.push("a");
  await reader.cancel();
  expect((await waiting).done).toBe(true);
  outbox.push("b");
  outbox.end();
  expect([ended, outbox.ended]).toEqual([1, true]);
});

test("a reader that asks twice in one turn gets what comes, and the stream goes on", async () => {
  const outbox = new Outbox({ onStart: () => undefined, onEnd: () => undefined });
  const reader = outbox.stream.getReader();
  const first = reader.read();
  outbox.push("a");
  const second = reader.read();
  expect(new TextDecoder().decode((await first).value)).toBe("a");
  outbox.push("b");
  expect(new TextDecoder().decode((await second).value)).toBe("b");
  outbox.push("c");
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("c");
});
