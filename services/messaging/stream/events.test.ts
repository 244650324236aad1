import { expect, test } from "bun:test";
import { workEventNames } from "../work/names.ts";
import { ephemeralEvents, streamEvents } from "./events.ts";
import { streamedEvents } from "./resolve.ts";

test("every event that streams carry is described, and no other", () => {
  expect(Object.keys(streamEvents).sort()).toEqual(
    ["ready", "reset", "read.moved", ...ephemeralEvents, ...streamedEvents, ...workEventNames].sort(),
  );
});
