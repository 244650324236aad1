import { Backoff } from "@stoa/bus/backoff";
import { Bell } from "@stoa/bus/bell";
import { type Database, pause } from "@stoa/db";
import { indexMissing, type Searched } from "@stoa/db/search/index";
import type { Logger } from "@stoa/http";

/** When rows come into the index; milliseconds. */
interface IndexingOptions {
  /** How long writes come together: what is put into the index at once costs a fraction of one after another. */
  readonly gatherMs?: number;
  /** How soon rows of another process are noticed, where its writes are not seen. */
  readonly everyMs?: number | undefined;
  /** The wait after a failure, which doubles with each further one, up to a minute. */
  readonly retryMs?: number;
}

/**
 * Puts new rows into a search index soon after they were written, for as long as the process lives. Several processes may
 * do it. A failure is logged once, until it works again; meanwhile searches look at the rows themselves.
 *
 * @returns a function that stops it, and resolves when the write under way is done
 */
export function startIndexing(
  db: Database,
  searched: Searched,
  log: Pick<Logger, "warn">,
  { gatherMs = 250, everyMs = db.kind === "file" ? undefined : 2_000, retryMs = 1_000 }: IndexingOptions = {},
): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const bell = new Bell();
  const backoff = new Backoff(retryMs, 60_000);
  const deaf = db.onWrite(bell.ring);
  let failing = false;
  const turn = async () => {
    try {
      await indexMissing(db, searched, () => !signal.aborted);
      failing = false;
      backoff.reset();
    } catch (error) {
      const message = "New rows do not come into the search index; it is tried again.";
      if (!failing) log.warn({ work: "the search index", table: searched.table, err: error }, message);
      failing = true;
      await backoff.wait(signal);
    }
  };
  const run = async () => {
    while (!signal.aborted) {
      await turn();
      await bell.wait(everyMs, signal);
      await pause(gatherMs, signal);
    }
  };
  const running = run();
  return () => {
    deaf();
    stopping.abort();
    return running;
  };
}
