import { type EventuallyOptions, eventually } from "@stoa/testing";
import { type ClientEvent, requireDocumented } from "./event-stream.ts";
import type { Service } from "./service.ts";
import type { Person } from "./world.ts";

/** Any frame of the server. */
export type ServerFrame = Record<string, unknown> & { readonly type: string };

/** A client's socket over a real connection. */
export interface ClientSocket extends Disposable {
  readonly frames: ServerFrame[];
  /** The events among the frames. */
  readonly events: ClientEvent[];
  /** The last id seen, of an event or a sign of life. */
  readonly last: () => string | undefined;
  /** The close code and its reason; undefined while it is open. */
  readonly closed: () => string | undefined;
  send(frame: unknown): void;
  /** Sends what is no JSON. */
  raw(text: string | Uint8Array<ArrayBuffer>): void;
  until(fits: (event: ClientEvent) => boolean, options?: EventuallyOptions): Promise<ClientEvent>;
  untilFrame(fits: (frame: ServerFrame) => boolean, options?: EventuallyOptions): Promise<ServerFrame>;
  untilClosed(options?: EventuallyOptions): Promise<string>;
  /** Reads no more from the connection, until `resume`. */
  pause(): void;
  resume(): void;
  cut(): void;
}

/** Opens a socket and waits until it is open. */
export async function connectSocket(
  service: Pick<Service, "origin">,
  options: { query?: string; headers?: Record<string, string> } = {},
): Promise<ClientSocket> {
  const address = `${service.origin.replace("http", "ws")}/api/v1/ws${options.query ?? ""}`;
  const socket = new WebSocket(address, { headers: options.headers ?? {} });
  const frames: ServerFrame[] = [];
  const events: ClientEvent[] = [];
  const state = { last: undefined as string | undefined, closed: undefined as string | undefined };
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data)) as ServerFrame;
    frames.push(frame);
    const { type, id, event } = frame;
    if (typeof id === "string") state.last = id;
    if (type !== "event") return;
    const its = frame["data"] as Record<string, unknown>;
    requireDocumented(String(event), its);
    events.push({ id: typeof id === "string" ? id : "", event: String(event), data: its });
  });
  const opened = Promise.withResolvers<void>();
  socket.addEventListener("open", () => opened.resolve());
  socket.addEventListener("close", ({ code, reason }) => {
    state.closed = `${code} ${reason}`;
    opened.reject(new Error(`The socket was closed: ${state.closed}`));
  });
  await opened.promise;
  return {
    frames,
    events,
    last: () => state.last,
    closed: () => state.closed,
    send: (frame) => socket.send(JSON.stringify(frame)),
    raw: (text) => socket.send(text),
    until: (fits, options) => eventually(() => events.find(fits), { what: "the event", ...options }),
    untilFrame: (fits, options) => eventually(() => frames.find(fits), { what: "the frame", ...options }),
    untilClosed: (options) => eventually(() => state.closed, { what: "the end of the socket", ...options }),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    cut: () => socket.terminate(),
    [Symbol.dispose]: () => socket.terminate(),
  };
}

/** Opens a socket as someone, and waits until it is ready. */
export async function joinSocket(
  service: Service,
  person: Person,
  options: { after?: string | undefined; claims?: Record<string, unknown> } = {},
): Promise<ClientSocket> {
  const socket = await connectSocket(service);
  const token = await service.token(person, options.claims);
  socket.send({ type: "authenticate", token, ...(options.after === undefined ? {} : { after: options.after }) });
  await socket.untilFrame(({ type }) => type === "authenticated");
  return socket;
}
