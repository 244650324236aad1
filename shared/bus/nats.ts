import type { ServiceName } from "@stoa/events";
import { openChannel } from "./nats/channel.ts";
import { NatsLink, type NatsOptions } from "./nats/link.ts";
import { type Relay, type RelayOptions, startRelay } from "./nats/relay.ts";
import { streamSource } from "./nats/source.ts";
import type { Channel, Transport } from "./types.ts";

/** Events over JetStream: the streams of other services, and the relay to one's own. */
export interface NatsTransport extends Transport {
  readonly kind: "nats";
  /** Starts copying a service's journal to its stream. Stop it before `close`. */
  relay(options: Omit<RelayOptions, "link" | "log">): Relay;
  /** Opens a channel between the instances of a service: `live.messaging`. Its users may publish and subscribe to it. */
  channel(subject: string): Channel;
}

/** Connects to NATS in the background and never gives up: a server that is not reachable at start is no failure. */
export function connectNats(options: NatsOptions): NatsTransport {
  const link = new NatsLink(options);
  return {
    kind: "nats",
    connected: () => link.connected,
    source: (service: ServiceName) => streamSource(service, link, options.log),
    relay: (its) => startRelay({ ...its, link, log: options.log }),
    channel: (subject) => openChannel(link, subject, options.log),
    close: () => link.close(),
  };
}

export type { NatsOptions } from "./nats/link.ts";
export type { Relay } from "./nats/relay.ts";
