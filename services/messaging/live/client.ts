import type { Database } from "@stoa/db";
import { requireAccess, selectAccess } from "../access.ts";
import type { PresenceBook } from "./presence.ts";
import { sharing } from "./sharing.ts";
import type { Subscribers } from "./subscribers.ts";
import { whisperPresence, whisperTyping } from "./tell.ts";
import type { TypingBook, Viewer } from "./typing.ts";

/** Where clients are noted. */
export interface Books {
  readonly db: Database;
  readonly typing: TypingBook;
  readonly presence: PresenceBook;
  readonly subscribers: Subscribers;
}

/** A client at a socket, with what it looks at. */
export class LiveClient {
  #viewed: string | undefined;
  #asked: readonly string[] = [];
  #gone = false;

  constructor(
    private readonly books: Books,
    private readonly viewer: Viewer,
  ) {}

  /**
   * It has a conversation open from now on, instead of the one before; null: none. It is told at once who types there.
   *
   * @throws StoaError `not_found`, `forbidden`
   */
  async view(conversation_id: string | null): Promise<void> {
    const { db, typing } = this.books;
    this.#look();
    if (conversation_id === null) return;
    const actor = { user_id: this.viewer.user_id, is_superuser: false };
    const [found] = await db.query(selectAccess(actor, conversation_id));
    requireAccess(actor, found, "participate");
    if (this.#gone) return;
    this.#viewed = conversation_id;
    typing.view(this.viewer, conversation_id);
    for (const one of typing.typingIn(conversation_id)) whisperTyping(this.viewer, one);
  }

  /**
   * It wants to know of these users from now on, instead of those before, and is told at once how they are. Those with
   * whom its user shares no conversation are left out.
   */
  async subscribe(user_ids: readonly string[]): Promise<void> {
    const { db, presence, subscribers } = this.books;
    const { viewer } = this;
    this.#unsubscribe();
    const pairs = user_ids.length === 0 ? [] : await sharing(db, [viewer.user_id], user_ids);
    if (this.#gone) return;
    this.#asked = pairs.map(({ user_id }) => user_id);
    for (const user_id of this.#asked) {
      subscribers.add(user_id, viewer);
      whisperPresence(viewer, { user_id, status: presence.statusOf(user_id) });
    }
  }

  leave(): void {
    this.#gone = true;
    this.#look();
    this.#unsubscribe();
  }

  #look(): void {
    if (this.#viewed) this.books.typing.leave(this.viewer, this.#viewed);
    this.#viewed = undefined;
  }

  #unsubscribe(): void {
    for (const user_id of this.#asked) this.books.subscribers.remove(user_id, this.viewer);
    this.#asked = [];
  }
}
