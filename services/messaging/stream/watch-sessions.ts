import type { RevocationEvent, Revocations } from "@stoa/auth";
import type { Logger } from "@stoa/http";
import type { Connection } from "./connection.ts";

/** How often open streams are checked, in milliseconds. */
const LOOK_MS = 250;

/** Revocations that call back when something changes, if they are kept in memory. */
export type HeardRevocations = Revocations & { onChange?(listener: (event: RevocationEvent) => void): () => void };

/** Whether an event revokes a signing key: tokens signed by it may have been forged. */
export const isKeyRevoked = ({ type }: Pick<RevocationEvent, "type">): boolean =>
  type === "stoa.identity.key.revoked.v1";

/** What a watch needs. */
export interface WatchOptions {
  readonly revocations: HeardRevocations;
  readonly now: () => Date;
  readonly log: Pick<Logger, "warn">;
  readonly every: () => Iterable<Connection>;
}

/**
 * Ends the streams of tokens that expire, and within a second those of sessions that end. When a signing key is revoked
 * all streams end, because a stream does not remember the key of its token; clients whose tokens are valid reconnect.
 *
 * @returns `look`, to call when a stream is opened, since its session may have ended meanwhile; and `stop`
 */
export function watchSessions({ revocations, now, log, every }: WatchOptions): { look(): void; stop(): void } {
  let changed = true;
  const stopListening = revocations.onChange?.((event) => {
    changed = true;
    if (isKeyRevoked(event)) for (const connection of [...every()]) connection.outbox.end("key_revoked");
  });

  async function look(): Promise<void> {
    const seconds = now().getTime() / 1_000;
    const check = changed;
    // Revocations that do not tell of changes are asked each time.
    changed = stopListening === undefined;
    for (const connection of [...every()]) {
      const { user_id, session_id, expires_at } = connection.listener;
      if (expires_at <= seconds) connection.outbox.end("token_expired");
      else if (check) {
        const override = await revocations.lookup({ user_id, session_id, kid: "", issued_at: 0 });
        if (override?.revoked) connection.outbox.end("session_revoked");
      }
    }
  }

  const timer = setInterval(() => {
    look().catch((error: unknown) => {
      changed = true;
      log.warn({ err: error }, "streams cannot read the revocations");
    });
  }, LOOK_MS);
  return {
    look: () => {
      changed = true;
    },
    stop: () => {
      clearInterval(timer);
      stopListening?.();
    },
  };
}
