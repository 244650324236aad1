import { expect, test } from "bun:test";
import { join } from "node:path";
import { streamEvents } from "@stoa/messaging/stream/events";
import { withReference } from "../scripts/stream-events.ts";

test("the guide to stream events has every event with its schema, as the code has it", async () => {
  const page = await Bun.file(join(import.meta.dir, "..", "docs", "events.md")).text();
  expect(page).toBe(withReference(page));
  const headings = [...page.matchAll(/^### `(.+)`$/gm)].map(([, name]) => name);
  expect(headings).toEqual(Object.keys(streamEvents));
});
