import { expect, test } from "bun:test";
import { runSendKills } from "./send-kills-run.ts";

test("messages that are sent again until they are acknowledged are there once, whenever the server is killed", async () => {
  const { sent, faults } = await runSendKills({ kills: 5, seed: 20_261_128 });
  expect(faults).toEqual([]);
  expect(sent).toBeGreaterThan(25);
}, 240_000);
