import type { Database } from "@stoa/db";
import { journalId, lastSeq, readAfter } from "@stoa/journal";
import type { Feed } from "../feed.ts";
import { journalName } from "../position.ts";
import { resolve } from "../resolve.ts";
import { isLegible, legibleRows, requireLegible, rowsAfter, rowsOf } from "../rows.ts";
import { CATCH_UP_BATCH, READ_BATCH } from "./batches.ts";
import type { Markless } from "./markless.ts";

/**
 * What happens in messaging: its journal, without the read marks.
 *
 * @param markless told where there were none
 */
export function eventsFeed(db: Database, markless: Markless): Feed {
  let known: string | undefined;
  const journal = async () => (known ??= journalName(await journalId(db)));
  return {
    name: "events",
    isLegible: async (seq) => isLegible(seq, await readAfter(db, seq - 1, 1)),
    head: async () => ({ journal: await journal(), last: await lastSeq(db) }),
    async read(span, users) {
      const all = await rowsAfter(db, { ...span, limit: READ_BATCH });
      const found = legibleRows(span.after, all);
      // An answer that has ended begins a batch, so that its streams have got what comes before.
      const ending = found.findIndex(({ type }, index) => index > 0 && type === "message.completed");
      const rows = ending < 0 ? found : found.slice(0, ending);
      const end = rows.at(-1)?.seq ?? span.after;
      markless.note(span.after, rows, end);
      return {
        journal: span.journal,
        deliveries: await resolve(db, rows, users),
        end,
        more: all.length === READ_BATCH || found.length < all.length || ending >= 0,
        rows,
      };
    },
    async readFor(user_id, span) {
      const rows = requireLegible(await rowsOf(db, user_id, { ...span, limit: CATCH_UP_BATCH }));
      const more = rows.length === CATCH_UP_BATCH;
      return {
        journal: span.journal,
        deliveries: await resolve(db, rows, new Set([user_id])),
        end: more ? (rows.at(-1)?.seq ?? span.upTo) : span.upTo,
        more,
      };
    },
  };
}
