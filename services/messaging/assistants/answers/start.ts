import { Bell } from "@stoa/bus/bell";
import { pause } from "@stoa/db";
import type { AssistantDeps } from "../deps.ts";
import { beginAnswer, dropQuestion, LEASE_MS } from "./begin.ts";
import { closeAnswer } from "./finish.ts";
import { abandonedAnswers, type OpenAnswer, waitingAnswers } from "./open.ts";
import { type WriterDeps, writeAnswer } from "./write.ts";

/** Answers of a process at a time, and those to one user. */
const AT_ONCE = 64;
const TO_ONE_AT_ONCE = 4;

/** A question that no process has begun to answer for so long is dropped; milliseconds. */
const WAITING_MS = 10 * 60_000;

/** How the assistants of a process work, where it differs from the default. Milliseconds. */
export type AssistantsOptions = Pick<WriterDeps, "db" | "now" | "log"> &
  Partial<Pick<WriterDeps, "patience" | "storeMs" | "beatMs">> & {
    readonly settings: WriterDeps["settings"] | undefined;
    /** No other process uses the database: answers that are under way at the start are those of a dead one. */
    readonly alone?: boolean;
    /** How often questions of other processes, and answers of dead ones, are looked for. */
    readonly everyMs?: number;
  };

/** The assistants of a process. */
export interface RunningAssistants extends AssistantDeps {
  /** Ends the answers under way, as failed, and begins no more. */
  close(): Promise<void>;
}

/** Questions are looked for no more often than that, however much is written; milliseconds. */
const SPACING_MS = 10;

/**
 * Lets the assistants of all conversations answer for as long as the process lives, and ends the answers of processes
 * that died. Several processes share the work.
 */
export function startAssistants(options: AssistantsOptions): RunningAssistants {
  const { settings, everyMs = 2_000, db } = options;
  if (!settings) return { settings, stop: () => undefined, close: async () => undefined };
  const patience = { silentMs: 60_000, wholeMs: 10 * 60_000 };
  const deps: WriterDeps = { patience, storeMs: 50, beatMs: 1_000, ...options, settings };
  const quit = new AbortController();
  const bell = new Bell();
  const writer = new Writer(deps, quit.signal, bell.ring);
  const deaf = db.onWrite(bell.ring);
  const run = async () => {
    let closed = Number.NEGATIVE_INFINITY;
    let believed = options.alone ? 2 * LEASE_MS : 0;
    while (!quit.signal.aborted) {
      try {
        if (performance.now() - closed >= everyMs) {
          await closeAbandoned(deps, believed);
          closed = performance.now();
          believed = 0;
        }
        await writer.turn();
      } catch (error) {
        deps.log.warn({ work: "assistants", err: error }, "Assistants cannot answer; it is tried again.");
      }
      await pause(SPACING_MS, quit.signal);
      await bell.wait(everyMs, quit.signal);
    }
  };
  const running = run();
  return {
    settings,
    stop: (message_id) => writer.stop(message_id),
    close: async () => {
      deaf();
      quit.abort();
      await running;
      await writer.idle();
    },
  };
}

/** Ends the answers of processes that died. @param early milliseconds before their lease ends */
async function closeAbandoned(deps: WriterDeps, early: number): Promise<void> {
  for (const { message_id, ...answer } of await abandonedAnswers(deps.db, new Date(deps.now().getTime() + early))) {
    if (message_id === null) continue;
    const status = answer.cancelled_at === null ? "failed" : "cancelled";
    await closeAnswer(deps, { ...answer, message_id, abandoned: true }, status);
  }
}

/** Begins answers, as many as there is room for. */
class Writer {
  readonly #deps: WriterDeps;
  readonly #quit: AbortSignal;
  readonly #ended: () => void;
  /** By message: how to stop it, and whose question it answers. */
  readonly #running = new Map<string, { readonly stop: AbortController; readonly asker_id: string }>();
  readonly #writing = new Set<Promise<void>>();

  constructor(deps: WriterDeps, quit: AbortSignal, ended: () => void) {
    this.#deps = deps;
    this.#quit = quit;
    this.#ended = ended;
  }

  async turn(): Promise<void> {
    if (this.#running.size >= AT_ONCE) return;
    for (const asked of await waitingAnswers(this.#deps.db, AT_ONCE)) {
      if (this.#running.size >= AT_ONCE || this.#quit.aborted) return;
      const { asker_id } = asked;
      const theirs = [...this.#running.values()].filter((each) => each.asker_id === asker_id).length;
      if (theirs < TO_ONE_AT_ONCE) await this.#begin(asked);
    }
  }

  stop(message_id: string): void {
    this.#running.get(message_id)?.stop.abort();
  }

  async idle(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing);
  }

  async #begin(asked: OpenAnswer): Promise<void> {
    const { now, log } = this.#deps;
    const late = now().getTime() - Date.parse(asked.asked_at) > WAITING_MS;
    const begun = late || asked.removed_at !== null ? undefined : await beginAnswer(this.#deps, asked);
    if (!begun) return dropQuestion(this.#deps, asked);
    const { message_id } = begun;
    const stop = new AbortController();
    this.#running.set(message_id, { stop, asker_id: asked.asker_id });
    const writing = writeAnswer(this.#deps, begun, stop.signal, this.#quit)
      .catch((error: unknown) =>
        log.warn({ message_id, err: error }, "An answer could not be ended; it ends by its lease."),
      )
      .finally(() => {
        this.#running.delete(message_id);
        this.#writing.delete(writing);
        this.#ended();
      });
    this.#writing.add(writing);
  }
}
