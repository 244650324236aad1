import { afterAll, expect, test } from "bun:test";
import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { system } from "@stoa/events";
import { type Doing, stageOf, temporaryDatabase } from "@stoa/testing";
import { readPair } from "./read.ts";
import { type KeyRing, keyRing } from "./ring.ts";

const stored = await temporaryDatabase("identity", { inFile: true });
const now = () => new Date("2026-11-29T09:00:00.000Z");
const ringOf = (db: Database) => keyRing({ db, now, secrets: ["secret"], access_token_seconds: 900 });
await ringOf(stored.db).prepare();
const { active, next } = await readPair(stored.db);
const stage = await stageOf(stored);
afterAll(() => {
  stage[Symbol.dispose]();
  return stored.dispose();
});

/** A command on keys, which answers whether it was done. */
const doing =
  (command: (ring: KeyRing) => Promise<unknown>): Doing =>
  async (db) => {
    try {
      await command(ringOf(db));
      return "done";
    } catch (error) {
      if (error instanceof StoaError) return error.code;
      throw error;
    }
  };

const commands = {
  rotate: doing((ring) => ring.rotate(system)),
  "withdraw the active key": doing((ring) => ring.revoke(system, active.kid, () => undefined)),
  "withdraw the next key": doing((ring) => ring.revoke(system, next.kid, () => undefined)),
};
type Name = keyof typeof commands;
const names = Object.keys(commands) as Name[];
const pairs = names.flatMap((command) => names.map((rival) => [command, rival] as const));

test.each(pairs)("%s, with %s before any of its steps", async (command, rival) => {
  expect(await stage.eitherOrder(commands[command], commands[rival])).toEqual([]);
});
