import { JSONCodec, type NatsConnection } from "nats";
import type { Channel, Log } from "../types.ts";
import { Disconnected, type NatsLink, reasonOf } from "./link.ts";

const codec = JSONCodec<unknown>();

/**
 * A subject of core NATS, outside of every stream: what is sent while there is no connection is lost. Whoever sends also
 * receives their own.
 */
export function openChannel(link: NatsLink, subject: string, log: Log): Channel {
  return {
    send: (message) => {
      try {
        link.connection().publish(subject, codec.encode(message));
      } catch (error) {
        if (!(error instanceof Disconnected)) log.warn({ subject, reason: reasonOf(error) }, "A message was not sent.");
      }
    },
    onMessage: (listener) => {
      const subscribed = new WeakSet<NatsConnection>();
      const subscribe = () => {
        if (!link.connected) return;
        const connection = link.connection();
        // The client itself subscribes again when it reconnects.
        if (subscribed.has(connection)) return;
        subscribed.add(connection);
        connection.subscribe(subject, {
          callback: (error, message) => {
            if (error) return log.warn({ subject, reason: reasonOf(error) }, "Messages cannot be received.");
            let decoded: unknown;
            try {
              decoded = codec.decode(message.data);
            } catch (fault) {
              return log.warn({ subject, reason: reasonOf(fault) }, "A message is not JSON.");
            }
            listener(decoded);
          },
        });
      };
      subscribe();
      return link.onChange(subscribe);
    },
  };
}
