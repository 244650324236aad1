import { type Database, type Select, select, sql } from "@stoa/db";
import { resolveWork } from "../../work/deliver.ts";
import { type WorkRow, workAfter, workHead, workOf } from "../../work/rows.ts";
import { KEPT, workEvents } from "../../work/table.ts";
import { type Feed, type Head, PlaceLost, type Span } from "../feed.ts";
import { journalName, noJournal } from "../position.ts";
import { CATCH_UP_BATCH, READ_BATCH } from "./batches.ts";

/** What happens in projects, as far as messaging has heard of it. Its places are those of the journal of projects. */
export function workFeed(db: Database): Feed {
  return {
    name: "work",
    async isLegible(seq) {
      const { data } = workEvents;
      const [row] = await db.query(
        select({ data }, sql`from ${workEvents} where ${workEvents.seq} = ${seq} and json_valid(data)`),
      );
      return row !== undefined;
    },
    head: async () => headOf(await db.query(workHead)),
    async read(span, users) {
      // It is asked after each write of messaging, most of which are not of projects.
      const now = headOf(await db.query(workHead));
      if (now.journal === span.journal && now.last === span.after) {
        return { journal: now.journal, deliveries: [], end: span.after, more: false };
      }
      const { head, rows } = await readSpan(db, span, workAfter({ after: span.after, limit: READ_BATCH }));
      const more = rows.length === READ_BATCH;
      return {
        journal: head.journal,
        deliveries: await resolveWork(db, rows, users),
        end: endOf(rows, more, Math.max(head.last, rows.at(-1)?.seq ?? span.after)),
        more,
      };
    },
    async readFor(user_id, span) {
      const { head, rows } = await readSpan(db, span, workOf(user_id, { ...span, limit: CATCH_UP_BATCH }));
      const more = rows.length === CATCH_UP_BATCH;
      const deliveries = await resolveWork(db, rows, new Set([user_id]));
      return { journal: head.journal, deliveries, end: endOf(rows, more, span.upTo), more };
    },
  };
}

/** Rows, if everything after the place is still there. */
async function readSpan(db: Database, { journal, after }: Span, statement: Select<WorkRow>) {
  const [heads, rows] = await db.queryAll([workHead, statement]);
  const head = headOf(heads);
  if (journal !== noJournal && journal !== head.journal) {
    throw new PlaceLost(`The events of projects come from journal ${head.journal}, those before from ${journal}.`);
  }
  if (head.last < Math.floor(after)) {
    throw new PlaceLost(`The events of projects end at ${head.last}, but event ${after} was delivered.`);
  }
  if (head.last - after > KEPT) {
    throw new PlaceLost(`The events of projects are at ${head.last}, and what followed ${after} is not kept.`);
  }
  return { head, rows };
}

function headOf([row]: readonly { journal_id: string; seq: number }[]): Head {
  return row ? { journal: journalName(row.journal_id), last: row.seq } : { journal: noJournal, last: 0 };
}

/** What was passed over too: there are events that no stream carries. */
function endOf(rows: readonly WorkRow[], more: boolean, last: number): number {
  return more ? (rows.at(-1)?.seq ?? last) : last;
}
