import type { Revocations } from "@stoa/auth";
import type { Logger } from "@stoa/http";
import type { Connection } from "./connection.ts";

/** How often open streams are looked over, in milliseconds. */
const LOOK_MS = 250;

/** What a watch needs. */
export interface WatchOptions {
  readonly revocations: Revocations & { onChange?(listener: () => void): () => void };
  readonly now: () => Date;
  readonly log: Pick<Logger, "warn">;
  readonly every: () => Iterable<Connection>;
}

/**
 * Ends the streams of tokens that expire, and within a second those of sessions that end.
 *
 * @returns `look`: a stream was opened, whose session may have ended meanwhile; and the way to stop
 */
export function watchSessions({ revocations, now, log, every }: WatchOptions): { look(): void; stop(): void } {
  let changed = true;
  const stopListening = revocations.onChange?.(() => {
    changed = true;
  });

  async function look(): Promise<void> {
    const seconds = now().getTime() / 1_000;
    const check = changed;
    // Without a word of changes each look has to ask.
    changed = stopListening === undefined;
    for (const connection of [...every()]) {
      const { user_id, session_id, expires_at } = connection.listener;
      if (expires_at <= seconds) connection.outbox.end();
      else if (check) {
        const override = await revocations.lookup({ user_id, session_id, kid: "", issued_at: 0 });
        if (override?.revoked) connection.outbox.end();
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
