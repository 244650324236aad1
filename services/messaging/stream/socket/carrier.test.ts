import { expect, test } from "bun:test";
import { SocketCarrier } from "./carrier.ts";

const MIB = 1024 * 1024;

/** A socket whose client reads only when the test says so. */
function slowSocket() {
  const sent: string[] = [];
  const state = { waiting: 0, closed: "" };
  let [started, ended] = [0, 0];
  const carrier = new SocketCarrier(
    {
      send: (text) => {
        sent.push(text);
        state.waiting += text.length;
        return false;
      },
      get waiting() {
        return state.waiting;
      },
      close: (code, reason) => {
        state.closed = `${code} ${reason}`;
      },
    },
    { onStart: () => started++, onEnd: () => ended++ },
  );
  return {
    carrier,
    sent,
    state,
    calls: () => [started, ended],
    reads: (left = 0) => {
      state.waiting = left;
      carrier.drained();
    },
  };
}

test("events may wait up to a mebibyte or 256 frames; what is ephemeral only up to half of that", () => {
  const frames = slowSocket();
  for (let n = 0; n < 128; n++) frames.carrier.offer("typing");
  expect(frames.sent).toHaveLength(128);
  frames.carrier.offer("typing");
  expect(frames.sent).toHaveLength(128);
  for (let n = 128; n < 256; n++) {
    expect(frames.carrier.roomy).toBe(true);
    frames.carrier.push("event");
  }
  expect(frames.carrier.roomy).toBe(false);

  const bytes = slowSocket();
  bytes.carrier.push("x".repeat(MIB / 2));
  bytes.carrier.offer("typing");
  expect([bytes.sent.length, bytes.carrier.roomy]).toEqual([1, true]);
  bytes.carrier.push("x".repeat(MIB / 2));
  expect(bytes.carrier.roomy).toBe(false);
});

test("whoever waits for room goes on when the client has read, or when it is over", async () => {
  const { carrier, reads, state } = slowSocket();
  for (let n = 0; n < 256; n++) carrier.push("event");
  const room = carrier.room();
  const before = carrier.taken;
  reads(10);
  expect(carrier.taken).not.toBe(before);
  expect([carrier.roomy, carrier.empty]).toEqual([false, false]);
  reads();
  await room;
  expect([carrier.roomy, carrier.empty]).toEqual([true, true]);
  for (let n = 0; n < 256; n++) carrier.push("event");
  const over = carrier.room();
  carrier.end("too_slow");
  await over;
  expect(state.closed).toBe("4002 too_slow");
});

test("it starts and ends once, sends nothing afterwards, and closes nothing when the client has gone", () => {
  const { carrier, calls, sent, state } = slowSocket();
  carrier.start();
  carrier.end("gone");
  carrier.end("unavailable");
  carrier.push("late");
  expect([calls(), sent, state.closed, carrier.ended]).toEqual([[1, 1], [], "", true]);
});
