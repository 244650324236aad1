import { expect, test } from "bun:test";
import { eventStream } from "./frame.ts";
import { Parcels, PassingEvent } from "./parcels.ts";
import type { Places } from "./position.ts";
import { socketFormat } from "./socket/server-frames.ts";

const position = ({ events, marks, work }: Places) => `${events}-${marks}-${work}`;

test("a frame is written once for all who get the same at the same places, and per format", () => {
  const to = new Map([
    ["ann", "1"],
    ["bob", "2"],
    ["cat", "1"],
  ]);
  const parcels = new Parcels([{ seq: 7, type: "message.sent", to }]);
  const [ann] = parcels.of("ann");
  const [bob] = parcels.of("bob");
  expect(parcels.of("cat")).toEqual(parcels.of("ann"));
  expect(parcels.of("cat")[0]).toBe(ann);
  expect(bob).not.toBe(ann);
  expect(parcels.of("dan")).toEqual([]);

  const here: Places = { events: 7, marks: 6, work: 1 };
  const first = ann?.written(eventStream, here, position);
  // Places move on; what was written does not.
  here.marks = 7;
  expect(first?.places).toEqual({ events: 7, marks: 6, work: 1 });
  expect(ann?.written(eventStream, { events: 7, marks: 6, work: 1 }, position)).toBe(first);
  expect(ann?.written(eventStream, here, position)).not.toBe(first);
  expect(new TextDecoder().decode(first?.frame as Uint8Array)).toBe("id: 7-6-1\nevent: message.sent\ndata: 1\n\n");
  expect(String(ann?.written(socketFormat, here, position).frame)).toContain('"id":"7-7-1"');
});

test("what is never stored is written once for each format, without a place", () => {
  const event = new PassingEvent("typing", "{}");
  expect(event.frame(eventStream)).toBe(event.frame(eventStream));
  expect(event.frame(socketFormat)).toBe('{"type":"event","event":"typing","data":{}}');
});
