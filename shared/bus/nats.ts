import type { ServiceName } from "@stoa/events";
import { NatsLink, type NatsOptions } from "./nats/link.ts";
import { type Relay, type RelayOptions, startRelay } from "./nats/relay.ts";
import { streamSource } from "./nats/source.ts";
import type { Transport } from "./types.ts";

/** Events over JetStream: the streams of other services, and the relay to one's own. */
export interface NatsTransport extends Transport {
  readonly kind: "nats";
  /** Starts copying a service's journal to its stream. Stop it before `close`. */
  relay(options: Omit<RelayOptions, "link" | "log">): Relay;
}

/** Connects to NATS in the background and never gives up: a server that is not reachable at start is no failure. */
export function connectNats(options: NatsOptions): NatsTransport {
  const link = new NatsLink(options);
  return {
    kind: "nats",
    connected: () => link.connected,
    source: (service: ServiceName) => streamSource(service, link, options.log),
    relay: (its) => startRelay({ ...its, link, log: options.log }),
    close: () => link.close(),
  };
}

export type { NatsOptions } from "./nats/link.ts";
export type { Relay } from "./nats/relay.ts";
