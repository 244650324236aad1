import { Value } from "@sinclair/typebox/value";
import { strict } from "@stoa/http/strict";
import { type EventuallyOptions, eventually } from "@stoa/testing";
import { type StreamEventName, streamEvents } from "../stream/events.ts";
import type { Service } from "./service.ts";
import type { Person } from "./world.ts";

/** An event as a client sees it. */
export interface ClientEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A client's stream over real HTTP. */
export interface ClientStream extends Disposable {
  readonly status: number;
  readonly events: ClientEvent[];
  /** The last id seen, of an event or a heartbeat. */
  readonly last: () => string | undefined;
  readonly ended: () => boolean;
  /** Waits for an event that fits. */
  until(fits: (event: ClientEvent) => boolean, options?: EventuallyOptions): Promise<ClientEvent>;
  /** Cuts the connection. */
  cut(): void;
}

/** Opens a stream as someone. */
export async function listen(
  service: Service,
  person: Person,
  options: { after?: string | undefined; query?: string; claims?: Record<string, unknown> } = {},
): Promise<ClientStream> {
  const abort = new AbortController();
  const ticketed = options.query?.includes("ticket=");
  const response = await fetch(`${service.origin}/api/v1/stream${options.query ?? ""}`, {
    headers: {
      ...(ticketed ? {} : { authorization: `Bearer ${await service.token(person, options.claims)}` }),
      ...(options.after === undefined ? {} : { "last-event-id": options.after }),
    },
    signal: abort.signal,
  });
  const events: ClientEvent[] = [];
  const state = { ended: false, last: undefined as string | undefined };
  const reading = read(response, (block) => {
    const fields = new Map(
      block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
    );
    state.last = fields.get("id") ?? state.last;
    const event = fields.get("event");
    if (event === undefined) return;
    const data = JSON.parse(fields.get("data") ?? "null");
    requireDocumented(event, data);
    events.push({ id: state.last ?? "", event, data });
  }).catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  void reading.finally(() => {
    state.ended = true;
  });
  return {
    status: response.status,
    events,
    last: () => state.last,
    ended: () => state.ended,
    until: (fits, options) => eventually(() => events.find(fits), { what: "the event", ...options }),
    cut: () => abort.abort(),
    [Symbol.dispose]: () => abort.abort(),
  };
}

/** Every event that a test receives is one that the document describes, with no member more. */
export function requireDocumented(event: string, data: unknown): void {
  const schema = Object.hasOwn(streamEvents, event) ? strict(streamEvents[event as StreamEventName].data) : undefined;
  const fault = schema ? [...Value.Errors(schema, data)][0] : undefined;
  if (!schema || fault) throw new Error(`${event} is not as documented: ${fault?.path} ${fault?.message}`);
}

async function read(response: Response, take: (block: string) => void): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  if (!response.body) return;
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) take(block);
  }
}
