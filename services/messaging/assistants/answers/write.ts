import type { Log } from "@stoa/bus/types";
import type { Database } from "@stoa/db";
import { pause, sql } from "@stoa/db";
import type { StoreDeps } from "@stoa/journal";
import { type AssistantSettings, allowedUrl } from "../settings.ts";
import { LONGEST_ANSWER_TOKENS, MOST_CONTEXT_TOKENS, tokensOf } from "../tokens.ts";
import { AnswerText } from "./answer-text.ts";
import { type Begun, leaseFrom } from "./begin.ts";
import { ChatError, type ChatPatience, chat } from "./chat.ts";
import { contextOf } from "./context.ts";
import { type Ending, finishAnswer } from "./finish.ts";

/** What answers are written with. Times in milliseconds. */
export interface WriterDeps extends StoreDeps {
  readonly settings: AssistantSettings;
  readonly log: Log;
  readonly patience: ChatPatience;
  /** How often what has arrived is stored, and so shown. */
  readonly storeMs: number;
  /** How often a server that is silent is waited for once more: the lease is renewed, and cancelling noticed. */
  readonly beatMs: number;
}

/** The answer is no longer this process's: it was cancelled, its message deleted, or it was taken for dead. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/**
 * Writes an answer that was begun, and ends it: `complete`, `cancelled` with what there was, or `failed` with what there
 * was. An answer without a word is a failure.
 *
 * @param signal stops it: cancelled
 * @param quit stops it: the process ends, and the answer has failed
 */
export async function writeAnswer(
  deps: WriterDeps,
  begun: Begun,
  signal: AbortSignal,
  quit: AbortSignal,
): Promise<void> {
  const pen = new Pen(deps, begun);
  const stop = new AbortController();
  const signals = AbortSignal.any([signal, quit, stop.signal]);
  const storing = pen.keepStoring(signals).catch((error: unknown) => {
    pen.lost = error;
    stop.abort();
  });
  let outcome: Ending["status"] = "failed";
  try {
    await pen.receive(signals);
    outcome = pen.text.whole === "" ? "failed" : "complete";
  } catch (error) {
    if (!signals.aborted) deps.log.warn({ message_id: begun.message_id, reason: reasonOf(error) }, "An answer failed.");
  }
  if (signal.aborted) outcome = "cancelled";
  stop.abort();
  await storing;
  if (pen.lost instanceof Stopped) outcome = "cancelled";
  await finishAnswer(deps, deps.settings, begun, pen.ending(outcome));
}

/** Only our own words are logged: others may hold what the server said, or where it is. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return error instanceof ChatError || error.name === "ProtocolError" ? error.message : error.name;
}

/** Receives an answer and stores what has arrived. */
class Pen {
  readonly text = new AnswerText();
  lost: unknown;
  readonly #deps: WriterDeps;
  readonly #begun: Begun;
  #context_tokens = 0;
  #total_tokens: number | undefined;

  constructor(deps: WriterDeps, begun: Begun) {
    this.#deps = deps;
    this.#begun = begun;
  }

  async receive(signal: AbortSignal): Promise<void> {
    const { db, settings, patience } = this.#deps;
    const { model } = this.#begun;
    const base_url = allowedUrl(settings, this.#begun.base_url ?? settings.urls[0]);
    if (base_url === undefined) throw new ChatError("The operator no longer allows the assistant's server.");
    const context = await contextOf(db, this.#begun, MOST_CONTEXT_TOKENS);
    if (!context) throw new ChatError("Whoever asked may no longer read what they asked about.");
    this.#context_tokens = context.tokens;
    const { messages } = context;
    const request = { base_url, key: settings.key, model, messages, max_tokens: LONGEST_ANSWER_TOKENS };
    for await (const piece of chat(request, patience, signal)) {
      if ("text" in piece) this.text.add(piece.text);
      else this.#total_tokens = piece.total_tokens;
      // What does not fit is not read: the answer ends with what does.
      if (this.text.full) return;
    }
  }

  /** Stores what has arrived again and again, until it is told to end. @throws Stopped */
  async keepStoring(signal: AbortSignal): Promise<void> {
    const { storeMs, beatMs } = this.#deps;
    for (let quiet = beatMs; !signal.aborted; quiet += storeMs) {
      const piece = this.text.take();
      if (piece !== "" || quiet >= beatMs) {
        if (!(await this.#store(piece))) throw new Stopped("The answer is no longer this process's.");
        quiet = 0;
      }
      await pause(storeMs, signal);
    }
  }

  ending(status: Ending["status"]): Ending {
    const { text } = this;
    const tokens = this.#total_tokens ?? this.#context_tokens + tokensOf(text.whole);
    return { status, rest: text.take(), tokens, text: text.whole };
  }

  async #store(piece: string): Promise<boolean> {
    const { now } = this.#deps;
    const { message_id, claim } = this.#begun;
    try {
      return await this.#append(piece, message_id, claim, leaseFrom(now()), this.#deps.db);
    } catch (error) {
      // It is tried again with what has arrived by then; when the lease ends first, another process ends the answer.
      this.text.giveBack(piece);
      this.#deps.log.warn({ message_id, err: error }, "An answer could not be stored; it is tried again.");
      return true;
    }
  }

  /** Losing the last pieces with the machine's power costs no more than losing its process does. */
  async #append(piece: string, message_id: string, claim: string, lease: string, db: Database): Promise<boolean> {
    const [stored] = await db.write(
      [
        sql`update answers set text = text || ${piece}, lease_until = ${lease}, context_tokens = ${this.#context_tokens}
          where message_id = ${message_id} and claim = ${claim} and ended_at is null and cancelled_at is null
          and exists (select 1 from messages where id = ${message_id} and deleted_at is null)`,
      ],
      { relaxed: true },
    );
    return stored.changes === 1;
  }
}
