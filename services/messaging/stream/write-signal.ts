import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Channel } from "@stoa/bus/types";
import { newId } from "@stoa/db";

/** What an instance says when it has written. It does not say what: whoever hears it reads the database. */
const Wrote = Type.Object({ wrote_by: Type.String() });
type Wrote = Static<typeof Wrote>;

/** Tells the other instances of the service that this one has written. What is said may be lost. */
export interface WriteSignal {
  send(): void;
  /** Calls back when another instance has written. Returns the function that stops it. */
  onHeard(listener: () => void): () => void;
}

/** However much is written, the others are told no more often than this; milliseconds. */
const GAP_MS = 20;

/**
 * A signal over a channel, which may carry other messages too. The first write after a pause is told at once, those that
 * follow within {@link GAP_MS} together at its end.
 */
export function writeSignalOver(channel: Channel): WriteSignal {
  const own: Wrote = { wrote_by: newId() };
  let resting = false;
  let again = false;
  function send(): void {
    again = resting;
    if (resting) return;
    resting = true;
    channel.send(own);
    setTimeout(() => {
      resting = false;
      if (again) send();
    }, GAP_MS);
  }
  return {
    send,
    onHeard: (listener) =>
      channel.onMessage((message) => {
        if (Value.Check(Wrote, message) && message.wrote_by !== own.wrote_by) listener();
      }),
  };
}
