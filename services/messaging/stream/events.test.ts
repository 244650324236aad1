import { expect, test } from "bun:test";
import { streamData } from "./events.ts";
import { streamedEvents } from "./resolve.ts";

test("every event that streams carry is described, and no other", () => {
  expect(Object.keys(streamData).sort()).toEqual(["ready", "reset", ...streamedEvents].sort());
});
