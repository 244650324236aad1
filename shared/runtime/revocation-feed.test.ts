import { expect, test } from "bun:test";
import type { EventSource } from "@stoa/bus";
import { loadConfig } from "@stoa/config";
import { envelope, silent } from "@stoa/testing";
import { startRevocationFeed } from "./revocation-feed.ts";

test("a feed starts with a warning while identity's events cannot be read, and applies them afterwards", async () => {
  const [readable, delivered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const source: EventSource = {
    service: "identity",
    follow: async (_, deliver, signal) => {
      await readable.promise;
      await deliver([envelope("key.revoked", { kid: "k" })]);
      delivered.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  const warned: string[] = [];
  let lookedAgain = 0;
  const feed = await startRevocationFeed({
    config: loadConfig({ SECRET_KEY: "a key that is long enough for every check" }, "standalone"),
    source,
    keys: { keys: async () => ({ keys: [] }) },
    onKeys: () => lookedAgain++,
    log: { ...silent, warn: (_, message) => void warned.push(message) },
    now: () => new Date(),
  });
  const token = { user_id: "u", session_id: "s", kid: "k", issued_at: Math.floor(Date.now() / 1_000) };
  expect(warned).toEqual([expect.stringContaining("The revocations are not known yet")]);
  expect(feed.revocations.lookup(token)).toBeUndefined();
  readable.resolve();
  await delivered.promise;
  expect(feed.revocations.lookup(token)).toEqual({ revoked: "key" });
  expect(lookedAgain).toBe(1);
  await feed.stop();
});

test("a revocation does not wait until the keys were read, which an event about a key asks for", async () => {
  const [asked, delivered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const source: EventSource = {
    service: "identity",
    follow: async (_, deliver, signal, behind) => {
      await deliver([envelope("key.published", { kid: "k2" })]);
      await deliver([envelope("session.revoked", { user_id: "u", session_ids: ["s"], reason: "logout" })]);
      behind?.(0, true);
      delivered.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  const feed = await startRevocationFeed({
    config: loadConfig({ SECRET_KEY: "a key that is long enough for every check" }, "standalone"),
    source,
    keys: {
      keys: () => {
        asked.resolve();
        return new Promise(() => undefined);
      },
    },
    log: silent,
    now: () => new Date(),
  });
  await Promise.all([asked.promise, delivered.promise]);
  const token = { user_id: "u", session_id: "s", kid: "k", issued_at: Math.floor(Date.now() / 1_000) };
  expect(feed.revocations.lookup(token)).toEqual({ revoked: "session" });
  await feed.stop();
});
