import type { TypingNews } from "./exchange.ts";

/** How long someone counts as typing after they said so; milliseconds. Clients say it again every five seconds. */
export const TYPING_MS = 10_000;
/** Whoever says it again within this time is not told of again; milliseconds. */
const QUIET_MS = 1_000;

/** A client who has a conversation open. */
export interface Viewer {
  readonly user_id: string;
  whisper(event: string, data: string): void;
}

/** Who types where, and who looks. */
export class TypingBook {
  readonly #viewers = new Map<string, Set<Viewer>>();
  readonly #typing = new Map<string, Map<string, number>>();

  constructor(private readonly now: () => number) {}

  get empty(): boolean {
    return this.#typing.size === 0;
  }

  /** Those who have a conversation open. */
  viewersOf(conversation_id: string): readonly Viewer[] {
    return [...(this.#viewers.get(conversation_id) ?? [])];
  }

  view(viewer: Viewer, conversation_id: string): void {
    const viewers = this.#viewers.get(conversation_id) ?? new Set();
    this.#viewers.set(conversation_id, viewers.add(viewer));
  }

  leave(viewer: Viewer, conversation_id: string): void {
    const viewers = this.#viewers.get(conversation_id);
    viewers?.delete(viewer);
    if (viewers?.size === 0) this.#viewers.delete(conversation_id);
  }

  /** Someone types. Undefined when that was said a moment ago. */
  type(conversation_id: string, user_id: string): TypingNews | undefined {
    const until = this.now() + TYPING_MS;
    const before = this.#typing.get(conversation_id)?.get(user_id) ?? 0;
    if (until - before < QUIET_MS) return undefined;
    const news = { conversation_id, user_id, until };
    this.take(news);
    return news;
  }

  /** The same as another instance says it. */
  take({ conversation_id, user_id, until }: TypingNews): void {
    const typing = this.#typing.get(conversation_id) ?? new Map<string, number>();
    this.#typing.set(conversation_id, typing.set(user_id, until));
  }

  /** Those who type in a conversation now. */
  typingIn(conversation_id: string): TypingNews[] {
    const now = this.now();
    const typing = [...(this.#typing.get(conversation_id) ?? [])].filter(([, until]) => until > now);
    return typing.map(([user_id, until]) => ({ conversation_id, user_id, until }));
  }

  /** Forgets those who type no more. */
  sweep(): void {
    const now = this.now();
    for (const [conversation_id, typing] of this.#typing) {
      for (const [user_id, until] of typing) if (until <= now) typing.delete(user_id);
      if (typing.size === 0) this.#typing.delete(conversation_id);
    }
  }
}
