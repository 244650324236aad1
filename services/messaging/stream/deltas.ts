import { among, computed, type Database, type RowOf, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { answers } from "../assistants/table.ts";
import { messages } from "../messages/table.ts";
import { attendances } from "./attendances.ts";
import type { Connection } from "./connection.ts";
import { PassingEvent } from "./parcels.ts";
import type { StreamRow } from "./rows.ts";

const q = alias(answers, "q");
const m = alias(messages, "m");

/** A message that is being written, as far as this process knows its text. */
interface Writing {
  readonly conversation_id: string;
  /** The row of the journal that says that it was sent: a client that has not got that yet gets no piece. */
  readonly sent_seq: number;
  /** Code points. */
  text: readonly string[];
  /** How far each stream is. */
  readonly offsets: WeakMap<Connection, number>;
}

/**
 * Gives the text of answers to the streams of those who take part, while it is being written.
 *
 * What is shown is what is stored, so that no piece is shown that a process which dies takes with it, and every process
 * shows the answers of all. Each stream has an offset of its own: it gets the text so far first, and then what is new,
 * without a gap and nothing twice; one that has no room gets more at once later.
 */
export class Deltas {
  readonly #db: Database;
  readonly #streams: () => Iterable<Connection>;
  readonly #writing = new Map<string, Writing>();
  #due = true;

  constructor(db: Database, streams: () => Iterable<Connection>) {
    this.#db = db;
    this.#streams = streams;
  }

  /** Takes notice of rows of the journal: the next look is worth it when an answer begins in them. */
  notice(rows: readonly Pick<StreamRow, "type" | "data">[]): void {
    if (rows.some(({ type, data }) => type === "message.sent" && data.includes('"streaming"'))) this.lookAgain();
  }

  /** Looks the next time, also when no answer is known of: another process may have begun one. */
  lookAgain(): void {
    this.#due = true;
  }

  /** Whether answers are under way. */
  get waiting(): boolean {
    return this.#writing.size > 0;
  }

  /** Forgets everything: nobody has listened, so that it is not known what has ended. */
  clear(): void {
    this.#writing.clear();
    this.lookAgain();
  }

  /** Looks for new text, and gives each stream what it lacks. */
  async pump(): Promise<void> {
    if (!this.#due && this.#writing.size === 0) return;
    this.#due = false;
    const rows = await this.#db.query(
      select(
        openColumns(this.#known()),
        sql`from ${q}
      where ${q.ended_at} is null and ${q.message_id} is not null`,
      ),
    );
    const open = new Set(rows.map(({ message_id }) => message_id));
    for (const row of rows) this.#learn(row);
    // Those that have ended are given to the streams by `finish`, with the event that says so.
    if (rows.length > 0) await this.#give(open);
  }

  /** Gives each stream the rest of answers that have ended, before the event that says so. */
  async finish(message_ids: readonly (string | null)[]): Promise<void> {
    const rows = await this.#db.query(
      select(
        endedColumns,
        sql`from ${q} join ${m} on ${m.id} = ${q.message_id} where ${q.message_id} in ${among(message_ids)}`,
      ),
    );
    for (const { message_id, conversation_id, sent_seq, content } of rows) {
      if (message_id === null || sent_seq === null || content === null) continue;
      const writing = this.#writing.get(message_id) ?? { conversation_id, sent_seq, text: [], offsets: new WeakMap() };
      writing.text = [...content];
      this.#writing.set(message_id, writing);
    }
    await this.#give(new Set(message_ids));
  }

  /** Forgets answers whose end the streams were told. */
  forget(rows: readonly Pick<StreamRow, "type" | "entity_id">[]): void {
    for (const { type, entity_id } of rows) {
      if (type === "message.completed" && entity_id !== null) this.#writing.delete(entity_id);
    }
  }

  #known(): string {
    return JSON.stringify(Object.fromEntries([...this.#writing].map(([id, { text }]) => [id, text.length])));
  }

  #learn({ message_id, conversation_id, sent_seq, known, more }: OpenRow): void {
    if (message_id === null || sent_seq === null) return;
    const writing = this.#writing.get(message_id) ?? { conversation_id, sent_seq, text: [], offsets: new WeakMap() };
    this.#writing.set(message_id, writing);
    // Another look may have been faster.
    if (known === writing.text.length && more !== "") writing.text = [...writing.text, ...more];
  }

  async #give(message_ids: ReadonlySet<string | null>): Promise<void> {
    const lacking = [...this.#writing].filter(
      ([id, writing]) => message_ids.has(id) && this.#lacks(writing).length > 0,
    );
    if (lacking.length === 0) return;
    const users = new Set([...this.#streams()].map(({ listener }) => listener.user_id));
    const present = await attendances(this.#db, [...new Set(lacking.map(([, each]) => each.conversation_id))], users);
    for (const [message_id, writing] of lacking) {
      const { conversation_id } = writing;
      const there = (present.get(conversation_id) ?? []).filter(({ trashed }) => !trashed);
      const readers = new Set(there.map(({ user_id }) => user_id));
      // Most streams are equally far.
      const pieces = new Map<number, PassingEvent>();
      for (const connection of this.#lacks(writing)) {
        if (!readers.has(connection.listener.user_id)) continue;
        const offset = writing.offsets.get(connection) ?? 0;
        const piece = pieces.get(offset) ?? pieceOf(message_id, writing, offset);
        pieces.set(offset, piece);
        if (connection.tell(piece)) writing.offsets.set(connection, writing.text.length);
      }
    }
  }

  /** The streams that have got the message, but not all of its text. */
  #lacks({ sent_seq, text, offsets }: Writing): Connection[] {
    return [...this.#streams()].filter(
      (each) => each.live && each.places.events >= sent_seq && (offsets.get(each) ?? 0) < text.length,
    );
  }
}

function pieceOf(message_id: string, { conversation_id, text }: Writing, offset: number): PassingEvent {
  const data = { conversation_id, message_id, offset, text: text.slice(offset).join("") };
  return new PassingEvent("message.delta", JSON.stringify(data));
}

const endedColumns = {
  message_id: q.message_id,
  conversation_id: q.conversation_id,
  sent_seq: q.sent_seq,
  content: m.content,
};

/** Those that are being written, with the text beyond what is known of each. */
const openColumns = (known: string) => {
  const length = sql`coalesce((select value from json_each(${known}) where key = q.message_id), 0)`;
  return {
    message_id: q.message_id,
    conversation_id: q.conversation_id,
    sent_seq: q.sent_seq,
    known: computed<number>(length),
    more: computed<string>(sql`substr(q.text, ${length} + 1)`),
  };
};

type OpenRow = RowOf<ReturnType<typeof openColumns>>;
