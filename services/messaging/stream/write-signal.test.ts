import { expect, test } from "bun:test";
import type { Channel } from "@stoa/bus/types";
import { openDatabase } from "@stoa/db";
import { eventually } from "@stoa/testing";
import { listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { openDirect, sendMessage } from "../test/without-key.ts";
import { createWorld } from "../test/world.ts";
import { writeSignalOver } from "./write-signal.ts";

/** A channel as core NATS has it: whoever sends receives their own too. */
function channelOf(): Channel & { readonly sent: unknown[] } {
  const sent: unknown[] = [];
  const listeners = new Set<(message: unknown) => void>();
  return {
    sent,
    send: (message) => {
      sent.push(message);
      for (const listener of listeners) listener(message);
    },
    onMessage: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

test("others hear that an instance wrote, itself does not, and other messages are passed over", () => {
  const channel = channelOf();
  const [one, other] = [writeSignalOver(channel), writeSignalOver(channel)];
  const heard: string[] = [];
  one.onHeard(() => heard.push("one"));
  const stop = other.onHeard(() => heard.push("other"));
  one.send();
  channel.send({ instance: "i", sessions: [], typing: [] });
  channel.send(7);
  expect(heard).toEqual(["other"]);
  stop();
  channel.send({ wrote_by: "a third" });
  expect(heard).toEqual(["other", "one"]);
});

test("a burst of writes is told at its beginning and once after it", async () => {
  const channel = channelOf();
  const signal = writeSignalOver(channel);
  for (let n = 0; n < 100; n++) signal.send();
  expect(channel.sent).toHaveLength(1);
  await eventually(() => channel.sent.length === 2);
  signal.send();
  await eventually(() => channel.sent.length === 3);
});

test("what one instance writes reaches the streams of another that never polls", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const elsewhere = await openDatabase(world.url);
  const channel = channelOf();
  const pollMs = 3_600_000;
  await using _here = await serve(world, { streams: { pollMs, signal: writeSignalOver(channel) } });
  // Only the signal tells this instance of writes: its database says nothing of those of others.
  const deaf = { ...elsewhere, onWrite: () => () => undefined };
  await using there = await serve(world, { db: deaf, streams: { pollMs, signal: writeSignalOver(channel) } });
  using stream = await listen(there, bob);
  await stream.until(({ event }) => event === "ready");
  await sendMessage(world.deps, ann, conversation.id, { content: "Across" });
  await stream.until(({ data }) => data["content"] === "Across");
  elsewhere.close();
});
